// The program a user has run for each event: `sh -c COMMAND` with the event's JSON on its standard
// input, so that nothing a sender wrote ever becomes part of a command.

import CPlatform
import Glibc

/// A command of `mb watch --exec`.
struct EventCommand {
    let command: String

    /// Runs the command with an event's line to read, and waits for its end.
    ///
    /// - Returns: its exit status, or 128 and the signal that ended it, as a shell says.
    func run(on line: [UInt8]) throws -> Int32 {
        let input = try Self.file(holding: line)
        defer { close(input) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        let texts = ["sh", "-c", command]
        let words = texts.map { (text: String) in strdup(text) } + [nil]
        defer { words.forEach { free($0) } }
        var child = pid_t()
        let failure = posix_spawn(&child, "/bin/sh", &actions, nil, words, environ)
        guard failure == 0 else { throw FrontEndError.system("run \(command)", errno: failure) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw FrontEndError.system("wait", errno: errno) }
        }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// A file without a name: unlike a pipe it takes everything whether it is read or not.
    private static func file(holding octets: [UInt8]) throws -> Int32 {
        let file = mb_open_spool("/tmp")
        guard file >= 0, write(file, octets, octets.count) == octets.count,
            lseek(file, 0, SEEK_SET) == 0
        else { throw FrontEndError.system("keep an event", errno: errno) }
        return file
    }
}
