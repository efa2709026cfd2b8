// Facts about how failures are told.

import BrokerClient
import BrokerProtocol
import Testing

@testable import FrontEnd

@Suite struct FailureReportTests {
    @Test("the server's text stands behind the message, once")
    func serverText() {
        let said = BrokerError(
            .sendRefused,
            "the recipient was refused",
            server: "550 5.1.1 no such user"
        )
        #expect(FailureReport(said).line == "the recipient was refused: 550 5.1.1 no such user")
        let held = BrokerError(
            .authenticationFailed,
            "Login unsuccessful: bad password",
            server: "bad password"
        )
        #expect(FailureReport(held).line == "Login unsuccessful: bad password")
    }

    @Test("what a server says cannot act on the terminal")
    func cleaned() {
        let error = BrokerError(.serverRefused, "refused", server: "\u{1B}[2J\r\nok\u{202E}")
        #expect(FailureReport(error).line == "refused: ␛[2J ok<U+202E>")
    }

    @Test("the broker's absence says how to start it")
    func absent() {
        let report = FailureReport(BrokerClientError.absent(path: "/x"))
        #expect(report.line == "the broker is not running; start it with: mb start")
        #expect(report.status.rawValue == 69)
    }

    @Test("the object of an error has every member")
    func json() throws {
        let report = FailureReport(BrokerError(.networkOffline, "offline", temporary: true))
        let line = try JSONAnswer.line(.error, FailureAnswer(error: report))
        #expect(
            String(decoding: line, as: UTF8.self) == """
                {"schema":"mb.error/1","error":{"code":"network.offline","exit":75,"field":null,\
                "message":"offline","server":null,"temporary":true}}

                """
        )
    }
}
