// The composition root: makes the parts, gives them to each other, ends them in order.

import BrokerCore
import BrokerProtocol
import BrokerServer
import CPlatform
import Dispatch
import Glibc
import Logging
import MailStore

/// The broker's life from its first system call to its last.
enum Composition {
    /// Runs the broker until it is told to stop, then ends the process.
    static func run(
        isDetached: Bool,
        report: @escaping @Sendable (StartReport) -> Void
    ) async -> Never {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        _ = mb_forbid_dumps()
        do {
            try await serve(isDetached: isDetached, report)
            exit(0)
        } catch {
            let failure = StartFailure(error)
            report(StartReport(status: UInt8(failure.status), line: failure.line))
            exit(failure.status)
        }
    }

    private static func serve(
        isDetached: Bool,
        _ report: @escaping @Sendable (StartReport) -> Void
    ) async throws {
        let log = Logger(label: "mailbrokerd") { _ in StreamLogHandler.standardError(label: "mb") }
        guard let place = SocketPath(environment: variable), let paths = Paths(variable) else {
            throw BrokerError(.configurationInvalid, "HOME is not set")
        }
        guard let socket = try listen(at: place) else {
            return report(StartReport(status: 0, line: "already running at \(place.path)"))
        }
        defer { socket.remove() }
        try paths.makeDirectories()
        if isDetached { try paths.leaveTerminal() }
        let store = try MailStore(path: paths.cache)
        let outbox = try Outbox(path: paths.outbox)
        if let file = outbox.damagedFile {
            log.error("the outbox was damaged; what could be read is held: see \(file)")
        }
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let server = ServerBox()
        let broker = try await Broker(
            Broker.Environment(
                server: Launch.programVersion,
                configurationFile: paths.configuration,
                spoolDirectory: paths.state,
                socket: place.path,
                pid: Int(getpid()),
                clientCount: { server.clientCount },
                stop: { stop.yield() }
            ),
            store: store,
            outbox: outbox,
            log: log
        )
        let listener = SocketServer(handler: Dispatcher(broker), log: log)
        server.set(listener)
        let signals = [SIGTERM, SIGINT, SIGHUP].map { source(for: $0) { stop.yield() } }
        defer { for source in signals { source.cancel() } }
        let serving = Task { try await listener.run(socket) }
        report(StartReport(status: 0, line: "ready at \(place.path), pid \(getpid())"))
        let logins = Task { await broker.loginByCommand() }
        for await _ in stops { break }
        logins.cancel()
        await broker.close()
        serving.cancel()
        _ = await serving.result
    }

    /// The listening socket; nil where another broker of this user has it.
    private static func listen(
        at place: SocketPath
    ) throws(ListeningSocket.Fault) -> ListeningSocket? {
        do {
            if let given = try ListeningSocket(activatedBy: variable, at: place) { return given }
            return try ListeningSocket(place)
        } catch .alreadyRunning {
            return nil
        }
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func source(
        for number: Int32,
        _ action: @escaping @Sendable () -> Void
    ) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler(handler: action)
        source.resume()
        return source
    }
}

/// Where the broker's files are (XDG base directory specification).
struct Paths: Sendable {
    let configuration: String
    let cacheDirectory: String
    let state: String
    /// Octets of the log at a start after which a new one is begun.
    private static let logOctetsMax = 1024 * 1024

    /// The cache database.
    var cache: String { cacheDirectory + "/cache.db" }
    /// The database of messages on their way.
    var outbox: String { state + "/outbox.db" }

    /// Nil without a home directory.
    init?(_ variable: (String) -> String?) {
        guard let home = variable("HOME"), home.utf8.first == UInt8(ascii: "/") else { return nil }
        func base(_ name: String, _ usual: String) -> String {
            if let value = variable(name), value.utf8.first == UInt8(ascii: "/") { return value }
            return home + usual
        }
        configuration = base("XDG_CONFIG_HOME", "/.config") + "/mailbroker/config.toml"
        cacheDirectory = base("XDG_CACHE_HOME", "/.cache") + "/mailbroker"
        state = base("XDG_STATE_HOME", "/.local/state") + "/mailbroker"
    }

    /// Gives the terminal back: from here on the standard error is the log file, which is begun
    /// anew when it has grown.
    func leaveTerminal() throws(BrokerError) {
        let path = state + "/mailbrokerd.log"
        var status = stat()
        if stat(path, &status) == 0, status.st_size > Self.logOctetsMax {
            rename(path, path + ".old")
        }
        let log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard log >= 0, null >= 0 else {
            throw BrokerError(
                .storageFailed,
                "cannot open \(path): \(String(cString: strerror(errno)))"
            )
        }
        dup2(null, STDIN_FILENO)
        dup2(null, STDOUT_FILENO)
        dup2(log, STDERR_FILENO)
        close(null)
        close(log)
        chdir("/")
    }

    /// Makes the directories for the broker's own files, for nobody else.
    func makeDirectories() throws(BrokerError) {
        for directory in [cacheDirectory, state] {
            let octets = Array(directory.utf8) + [UInt8(ascii: "/")]
            for index in octets.indices.dropFirst() where octets[index] == UInt8(ascii: "/") {
                let path = String(decoding: octets[..<index], as: UTF8.self)
                guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                    throw BrokerError(
                        .storageFailed,
                        "cannot make \(path): \(String(cString: strerror(errno)))"
                    )
                }
            }
        }
    }
}

/// Why a broker did not start, as an exit status and a line.
struct StartFailure {
    let status: Int32
    let line: String

    init(_ error: any Error) {
        switch error {
        case ListeningSocket.Fault.untrusted(let path, let reason):
            (status, line) = (EX_NOPERM, "\(path): \(reason)")
        case ListeningSocket.Fault.system(let call, let code):
            (status, line) = (EX_OSERR, "cannot \(call): \(String(cString: strerror(code)))")
        case ListeningSocket.Fault.badActivation:
            (status, line) = (EX_CONFIG, "LISTEN_FDS does not bring one listening Unix socket")
        case let error as BrokerError:
            let isConfiguration = error.data.code == .configurationInvalid
            (status, line) = (isConfiguration ? EX_CONFIG : EX_IOERR, error.message)
        case let error as StoreError:
            (status, line) = (EX_IOERR, "cannot open the cache or the outbox: \(error.reason)")
        default: (status, line) = (EX_SOFTWARE, "\(error)")
        }
    }
}
