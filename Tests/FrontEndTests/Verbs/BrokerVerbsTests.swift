// Facts about start, stop and status.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct BrokerVerbsTests {
    private static let status = Status.Result(
        pid: 2210,
        started: DateTime(unixSeconds: Sample.now - 11_520),
        socket: "/run/user/1000/mailbroker/broker.sock",
        clients: 5,
        accounts: [
            AccountStatus(
                name: "work",
                address: "alice@test.com",
                state: .offline,
                imap: LinkStatus(host: "localhost", port: 993, logins: 3),
                smtp: LinkStatus(host: "localhost", port: 465),
                problem: "no route\nto host"
            )
        ]
    )

    @Test("status shows the broker and each account with its problem")
    func lines() {
        #expect(
            StatusView.lines(Self.status, now: Sample.now) == [
                "broker  up 3 h 12 m, pid 2210, 5 clients, socket /run/user/1000/mailbroker/broker.sock",
                "work    offline      alice@test.com, IMAP localhost:993, SMTP localhost:465, 3 IMAP logins",
                "        no route to host",
            ]
        )
    }

    @Test("a server that is a program is named without a port")
    func program() {
        var status = Self.status
        status.accounts[0].imap = LinkStatus(host: "ssh", port: 0, logins: 1)
        let line = StatusView.lines(status, now: Sample.now)[1]
        #expect(line.contains("IMAP ssh, SMTP localhost:465, 1 IMAP login"))
    }

    @Test("a server that takes fewer connections than configured is told of")
    func limited() {
        var status = Self.status
        status.accounts[0].imap.connectionsMax = 1
        status.accounts[0].imap.limited = true
        let line = StatusView.lines(status, now: Sample.now)[1]
        #expect(line.hasSuffix("3 IMAP logins, the server takes only 1 connection"))
    }

    @Test("start says that the broker is running already")
    func alreadyRunning() throws {
        let broker = try FakeBroker { request, connection in
            try connection.reply(request, Self.status)
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("start") == 0)
        #expect(captured.out.text == "the broker is already running (pid 2210)\n")
    }

    @Test("stop waits until the broker has closed the connection")
    func stop() throws {
        let broker = try FakeBroker { request, connection in
            try connection.reply(request, Empty())
            connection.hangUp()
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("--json", "stop") == 0)
        #expect(captured.out.text == "{\"schema\":\"mb.stopped/1\"}\n")
    }
}
