// The command line of the broker, and the one line a detached broker owes the shell that started
// it.

import CPlatform
import Glibc

/// How the broker was called.
enum Launch {
    case detach
    case foreground
    case help
    case version
    case misuse(String)

    static let programVersion = "mailbrokerd 0.1.0"
    static let usage = """
        usage: mailbrokerd [--foreground]

        Holds the IMAP and SMTP sessions of your mail accounts and answers mb, mb-console and
        mb-fetch over a Unix socket. Started once per login; leaves the terminal when it is ready.

          --foreground   stay in the foreground, for a service manager
          --version      print the version
          --help         print this
        """

    init(_ arguments: [String]) {
        switch arguments {
        case []: self = .detach
        case ["--foreground"]: self = .foreground
        case ["--help"], ["-h"]: self = .help
        case ["--version"]: self = .version
        default: self = .misuse(arguments.first { $0 != "--foreground" } ?? arguments[0])
        }
    }

    static func complain(_ line: String) {
        let octets = Array("mailbrokerd: \(line)\n".utf8)
        _ = write(STDERR_FILENO, octets, octets.count)
    }

    /// Tells the waiting shell how the start went: `0` for ready, else the exit status, then a
    /// line.
    static func report(_ report: StartReport, to descriptor: Int32) {
        let octets = [report.status] + Array(report.line.utf8)
        _ = write(descriptor, octets, octets.count)
        close(descriptor)
    }

    /// In the shell's process: waits for the report, prints its line, gives the exit status.
    static func awaitReport(from descriptor: Int32) -> Int32 {
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            octets += buffer[..<count]
        }
        guard let status = octets.first else {
            complain("ended before it was ready")
            return EX_SOFTWARE
        }
        let line = String(decoding: octets.dropFirst(), as: UTF8.self)
        tell(StartReport(status: status, line: line))
        return Int32(status)
    }

    /// Shows how a start went: on stdout when it went well.
    static func tell(_ report: StartReport) {
        if report.status == 0 {
            print("mailbrokerd: \(report.line)")
        } else {
            complain(report.line)
        }
    }
}

/// How a start went.
struct StartReport: Sendable {
    /// The exit status of the program that waits: 0 when the broker is ready or was running.
    let status: UInt8
    /// A line for the user.
    let line: String
}
