// Facts about reports. The parts are written by hand after RFC 3464 appendix E, RFC 8098 9 and
// RFC 5965 appendix B.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct ReportTests {
    private static let delivery = """
        Original-Envelope-Id: QQ314159
        Reporting-MTA: dns; cs.example
        Received-From-MTA: DNS; Sender.example
        Arrival-Date: Tue, 3 Feb 2026 04:05:06 +0100

        Original-Recipient: rfc822;louisl@larry.example
        Final-Recipient: rfc822; <louis@larry.example>
        Action: failed
        Status: 4.0.0
        Remote-MTA: dns; mx.larry.example
        Diagnostic-Code: smtp; 426 connection
          timed out
        Last-Attempt-Date: Tue, 3 Feb 2026 05:05:06 +0100

        Final-Recipient: rfc822;b@c
        Action: Delayed (still trying)
        Status: 4.4.7 (expired)
        Will-Retry-Until: Thu, 5 Feb 2026 04:05:06 +0100

        Final-Recipient: rfc822;d@e
        Action: delivered
        Status: 2.0.0

        """

    @Test("a delivery report is read with either line end", arguments: ["\n", "\r\n"])
    func delivery(lineEnd: String) throws {
        let text = Self.delivery.replacing("\n", with: lineEnd)
        let report = try #require(DeliveryReport.parse(Array(text.utf8)))
        #expect(report.originalEnvelopeID == "QQ314159")
        #expect(report.reportingMTA?.type == "dns")
        #expect(report.reportingMTA?.value == "cs.example")
        #expect(report.receivedFromMTA?.value == "Sender.example")
        #expect(report.arrivalDate?.rfc3339 == "2026-02-03T04:05:06+01:00")
        #expect(report.recipients.map(\.action) == [.failed, .delayed, .delivered])
        #expect(report.recipients.map { $0.status?.text } == ["4.0.0", "4.4.7", "2.0.0"])
        let first = try #require(report.recipients.first)
        #expect(first.originalRecipient?.value == "louisl@larry.example")
        #expect(first.finalRecipient?.value == "louis@larry.example")
        #expect(first.remoteMTA?.value == "mx.larry.example")
        #expect(first.diagnostic?.type == "smtp")
        #expect(first.diagnostic?.value == "426 connection timed out")
        #expect(first.lastAttemptDate?.rfc3339 == "2026-02-03T05:05:06+01:00")
        #expect(report.recipients[1].willRetryUntil?.rfc3339 == "2026-02-05T04:05:06+01:00")
    }

    @Test("a bounce names who failed or waits, and the message it is about")
    func bounce() throws {
        let report = try #require(DeliveryReport.parse(Array(Self.delivery.utf8)))
        let returned = Array("\r\nFrom: a@b\r\nMessage-ID:\r\n <x@y>\r\n\r\nMessage-ID: <z>".utf8)
        let summary = BounceSummary(report: report, returned: returned)
        #expect(summary.originalMessageID == "x@y")
        #expect(summary.originalEnvelopeID == "QQ314159")
        #expect(summary.recipients.map(\.address) == ["louisl@larry.example", "b@c"])
        #expect(summary.recipients.map(\.isDelayed) == [false, true])
        #expect(summary.recipients.first?.diagnostic == "426 connection timed out")
        #expect(summary.recipients.last?.status?.isTemporary == true)
        #expect(BounceSummary(report: report, returned: nil).originalMessageID == nil)
    }

    @Test("one group may hold the fields of the message and of its recipient")
    func merged() {
        let text = "Reporting-MTA: dns; a\nFinal-Recipient: b@c\nStatus: 5.1.1\nAction: unknown\n"
        let report = DeliveryReport.parse(Array(text.utf8))
        #expect(report?.reportingMTA?.value == "a")
        #expect(report?.recipients.first?.finalRecipient == ReportValue(Array("b@c".utf8)))
        #expect(report?.recipients.first?.action == nil)
        let summary = report.map { BounceSummary(report: $0, returned: nil) }
        #expect(summary?.recipients.map(\.isDelayed) == [false])
    }

    @Test(
        "a status is three numbers of a known class",
        arguments: [
            ("5.1.1", "5.1.1"), (" 4.4.7 (x)", "4.4.7"), ("5.7.26 text", "5.7.26"), ("5.1", nil),
            ("6.1.1", nil), ("5.1.1000", nil), ("", nil), ("5.-1.1", nil), ("5..1", nil),
        ] as [(String, String?)]
    )
    func status(text: String, code: String?) {
        #expect(DeliveryStatus(Array(text.utf8))?.text == code)
    }

    @Test(
        "what holds no field is no report",
        arguments: ["", "\n\n", "text\n", "\r\n \r\n", "It failed for this reason:\n\n<a@b>\n"]
    )
    func nothing(text: String) {
        let octets = Array(text.utf8)
        #expect(DeliveryReport.parse(octets) == nil)
        #expect(DispositionReport.parse(octets) == nil)
        #expect(FeedbackReport.parse(octets) == nil)
        #expect(BounceSummary.messageID(ofReturned: octets) == nil)
    }

    @Test("1,000 recipients are read, and of a value 8,192 octets")
    func limits() {
        let group = "Final-Recipient: rfc822; a@b\n\n"
        let many = DeliveryReport.parse(Array(String(repeating: group, count: 3_000).utf8))
        #expect(many?.recipients.count == 1_000)
        let long = "Diagnostic-Code: " + String(repeating: "x", count: 9_000) + "\n y\nAction: x\n"
        let report = DeliveryReport.parse(Array(long.utf8))
        #expect(report?.recipients.first?.diagnostic?.value.utf8.count == 8_191)
    }

    @Test("a disposition notification says what happened and who caused it")
    func disposition() {
        let text = """
            Reporting-UA: joes-pc.cs.example; Foomail 97.1
            Original-Recipient: rfc822;Joe_Recipient@example.com
            Final-Recipient: rfc822;Joe@example.com
            Original-Message-ID: <199509192301.23456@example.org>
            Disposition: manual-action/MDN-sent-manually (x); Displayed/Error, Warning
            Error: out of paper
            """
        let report = DispositionReport.parse(Array(text.utf8))
        #expect(report?.reportingUA == "joes-pc.cs.example; Foomail 97.1")
        #expect(report?.originalRecipient?.value == "Joe_Recipient@example.com")
        #expect(report?.finalRecipient?.value == "Joe@example.com")
        #expect(report?.originalMessageID == "199509192301.23456@example.org")
        #expect(report?.disposition == "displayed")
        #expect(report?.modifiers == ["error", "warning"])
        #expect(report?.isAutomaticAction == false)
        #expect(report?.isSentAutomatically == false)
        #expect(report?.faults == ["out of paper"])
    }

    @Test(
        "a disposition may lack its modes",
        arguments: [
            ("automatic-action/MDN-sent-automatically; deleted", "deleted", true),
            ("displayed", "displayed", false), ("", nil, false), (";", nil, false),
        ] as [(String, String?, Bool)]
    )
    func modes(text: String, disposition: String?, isAutomatic: Bool) {
        let report = DispositionReport.parse(Array("Disposition: \(text)\n".utf8))
        #expect(report?.disposition == disposition)
        #expect(report?.isAutomaticAction == isAutomatic)
        #expect(report?.isSentAutomatically == isAutomatic)
    }

    @Test("a feedback report keeps all it says")
    func feedback() {
        let text = """
            Feedback-Type: Abuse
            User-Agent: SomeGenerator/1.0
            Version: 1
            Original-Mail-From: <somespammer@example.net>
            Original-Rcpt-To: <user@example.com>
            Original-Rcpt-To: <user2@example.com>
            Arrival-Date: Thu, 8 Mar 2005 14:00:00 EDT
            Reporting-MTA: dns; mail.example.com
            Source-IP: 192.0.2.1
            Authentication-Results: mail.example.com;
               spf=fail smtp.mail=somespammer@example.com
            Reported-Domain: example.net
            Reported-URI: http://example.net/earn_money.html
            Reported-URI: mailto:user@example.com
            Incidents: 3
            """
        let report = FeedbackReport.parse(Array(text.utf8))
        #expect(report?.feedbackType == "abuse")
        #expect(report?.userAgent == "SomeGenerator/1.0")
        #expect(report?.version == "1")
        #expect(report?.originalMailFrom == "somespammer@example.net")
        #expect(report?.originalRecipients == ["user@example.com", "user2@example.com"])
        #expect(report?.arrivalDate?.rfc3339 == "2005-03-08T14:00:00-04:00")
        #expect(report?.reportingMTA?.value == "mail.example.com")
        #expect(report?.sourceIP == "192.0.2.1")
        #expect(report?.authenticationResults.first?.results.first?.result == "fail")
        #expect(report?.reportedDomains == ["example.net"])
        #expect(report?.reportedURIs.count == 2)
        #expect(report?.incidents == 3)
    }
}
