// Facts about asking for a password.

import Foundation
import MailModel
import Testing

@testable import FrontEnd

@Suite(.serialized) struct SecretPromptTests {
    /// Both ends of a terminal.
    private static func terminal() throws -> (person: Int32, program: Int32) {
        var person: Int32 = -1
        var program: Int32 = -1
        try #require(openpty(&person, &program, nil, nil, nil) == 0)
        return (person, program)
    }

    private static func hasEcho(_ descriptor: Int32) -> Bool {
        var settings = termios()
        tcgetattr(descriptor, &settings)
        return settings.c_lflag & tcflag_t(ECHO) != 0
    }

    private static func read(_ descriptor: Int32, until end: String) -> String {
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while octets.count(of: end) == 0 {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            octets += buffer.prefix(count)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    @Test("what is typed is not shown, and the echo comes back")
    func hidden() throws {
        let (person, program) = try Self.terminal()
        defer {
            close(person)
            close(program)
        }
        Thread.detachNewThread {
            _ = Self.read(person, until: "Password for a@b: ")
            _ = write(person, "s3cret\n", 7)
        }
        let secret = try SecretPrompt.ask("Password for a@b: ", on: program)
        #expect(secret.withUnsafeBytes { Array($0) } == Array("s3cret".utf8))
        #expect(Self.hasEcho(program))
        #expect(Self.read(person, until: "\n").utf8.count(of: "s3cret") == 0)
    }

    @Test("a signal while the password is typed gives the echo back and says which signal it was")
    func interrupted() throws {
        let (person, program) = try Self.terminal()
        defer {
            close(person)
            close(program)
        }
        let signals = SignalWatch([SIGUSR2])
        Thread.detachNewThread {
            _ = Self.read(person, until: "Password: ")
            #expect(!Self.hasEcho(program))
            kill(getpid(), SIGUSR2)
        }
        #expect(throws: Interruption(signal: SIGUSR2)) {
            _ = try SecretPrompt.ask("Password: ", on: program, signals: signals)
        }
        #expect(Self.hasEcho(program))
    }
}
