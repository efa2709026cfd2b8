// Facts about what the machine tells of its sleep and its network, and what connections make of it.

import BrokerProtocol
import Glibc
import Logging
import MailSession
import MailStore
import MailTestSupport
import Synchronization
import Testing

@testable import BrokerCore

@Suite struct NetworkWatchTests {
    @Test("H08: a clock that stood still tells of sleep once; a slow look does not")
    func sleep() {
        var clock = SleepClock(counting: .seconds(100), standing: .seconds(90))
        let looks = [(105, 95), (28_910, 100), (28_915, 105), (28_999, 189), (29_003, 190)]
        let slept = looks.map {
            clock.hasSlept(counting: .seconds($0.0), standing: .seconds($0.1))
        }
        #expect(slept == [false, true, false, false, false])
    }

    @Test("the system's own words about addresses are understood")
    func netlink() async throws {
        let watch = NetworkWatch()
        #expect(watch.look().isEmpty)
        try #require(watch.socket >= 0)
        // RTM_GETADDR with NLM_F_REQUEST | NLM_F_DUMP: every address comes as RTM_NEWADDR.
        let request: [UInt8] = [
            20, 0, 0, 0, 22, 0, 0x01, 0x03, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
        #expect(send(watch.socket, request, request.count, 0) == request.count)
        #expect(await eventually { watch.look().contains(.addresses) })
        #expect(watch.look().isEmpty)
    }

    @Test("a sleep and another route are reasons for doubt, an address alone is none")
    func doubt() {
        #expect(!NetworkNews.addresses.isDoubt)
        #expect(NetworkNews.woke.isDoubt)
        #expect(NetworkNews.routes.isDoubt)
    }
}

@Suite struct NetworkCatalogueTests: WorkerScripts {
    private static let watched = login + inbox([1]) + headers([1]) + idle

    @Test("G09: after a sleep an idle connection is asked at once, and kept when it answers")
    func answers() async throws {
        let script =
            Self.watched + [.expect("DONE"), .send("A0005 OK ended\r\n")] + Self.idle + [.hold]
        let fixture = try await fixture([script])
        #expect(await eventually { fixture.idles(0) == 1 })
        await fixture.worker.take(.woke)
        #expect(await eventually { fixture.idles(0) == 2 })
        #expect(fixture.server.connections == 1)
        #expect(fixture.states.last == .live)
    }

    @Test("G08, G09: a connection that died in its sleep is made again, once")
    func died() async throws {
        let again =
            Self.login + Self.inbox([1]) + [
                .expect("UID FETCH"), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"), .answer("* OK"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([Self.watched + [.hold], again])
        #expect(await eventually { fixture.idles(0) == 1 })
        let began = ContinuousClock.now
        await fixture.worker.take([.woke, .addresses])
        await fixture.worker.take(.routes)
        #expect(await eventually { fixture.idles(1) == 1 })
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(fixture.server.connections == 2)
    }

    @Test("G09: without IDLE a NOOP asks")
    func withoutIDLE() async throws {
        let script =
            Self.opening() + Self.inbox([1]) + Self.headers([1]) + [
                .expect("NOOP"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        #expect(try await fixture.subjects() == ["number 1"])
        #expect(
            await eventually {
                await fixture.worker.take(.woke)
                return fixture.server.lines[0].last?.contains("NOOP") == true
            }
        )
        #expect(fixture.server.connections == 1)
    }

    @Test("an address that came or went leaves connections alone whose own is still there")
    func addresses() async throws {
        let fixture = try await fixture([Self.watched + [.hold]])
        #expect(await eventually { fixture.idles(0) == 1 })
        await fixture.worker.take(.addresses)
        #expect(
            await !eventually(within: .milliseconds(300)) {
                fixture.server.lines[0].last?.contains("DONE") == true
            }
        )
    }

    @Test("G07: after an outage of the network the account is back within ten seconds")
    func outage() async throws {
        #expect(CoreLimits.unreachablePauseMax + CoreLimits.networkJitter <= .seconds(10))
        let attempts = Mutex(0)
        let script = Self.watched + [.hold]
        let fixture = try await fixture([script], isConnected: false) { _ throws(SessionError) in
            let number = attempts.withLock { count in
                count += 1
                return count
            }
            if number < 3 { throw .unreachable("imap.test: the host name cannot be resolved") }
        }
        #expect(await eventually { fixture.idles(0) == 1 })
        #expect(attempts.withLock { $0 } == 3)
        #expect(fixture.server.connections == 1)
    }

    @Test("what the watch says reaches the accounts until the broker ends")
    func reaches() async throws {
        let environment = Broker.Environment(
            server: "test",
            configurationFile: "/nonexistent",
            spoolDirectory: "/nonexistent",
            socket: "/nonexistent",
            pid: 1,
            clientCount: { 0 },
            stop: {}
        )
        let path = "/tmp/mailbroker-watch-\(getpid()).db"
        let files = ["", "-wal", "-shm", ".outbox", ".outbox-wal", ".outbox.ballast"]
        defer { for end in files { unlink(path + end) } }
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try MailStore(path: path)
        let outbox = try Outbox(path: path + ".outbox")
        let broker = try await Broker(environment, store: store, outbox: outbox, log: log)
        let looks = Mutex(0)
        let watching = Task {
            await broker.watchNetwork(every: .milliseconds(1)) {
                looks.withLock { $0 += 1 }
                return .woke
            }
        }
        #expect(await eventually { looks.withLock { $0 } > 2 })
        watching.cancel()
        await watching.value
    }
}
