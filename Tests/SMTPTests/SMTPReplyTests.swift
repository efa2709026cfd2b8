// What a reply says by itself: class, enhanced status, text for people.
// How replies are cut out of a stream is ReplyParserTests' business.

import SMTP
import Testing

@Suite struct SMTPReplyTests {
    @Test(
        "an enhanced status is read where it stands in full and fits the code",
        arguments: [
            (550, "5.1.1 no such user", "5.1.1"), (250, "2.0.0", "2.0.0"),
            (452, "4.5.3 too many", "4.5.3"), (535, "5.7.139 off", "5.7.139"),
        ]
    )
    func enhanced(_ code: Int, _ line: String, _ expected: String) {
        let reply = SMTPReply(code: code, lines: [octets(line)])
        #expect(reply.enhancedStatus?.description == expected)
    }

    @Test(
        "anything else is no enhanced status",
        arguments: [
            "", "5", "5.1", "5.1.", "5.1.1x", "4.1.1 other class", "5.1.1.1", "5..1", ".5.1.1",
            "5.1.1000", "55.1.1", "５.1.1", "5.1.1111111111111111111",
        ]
    )
    func notEnhanced(_ line: String) {
        #expect(SMTPReply(code: 550, lines: [octets(line)]).enhancedStatus == nil)
    }

    @Test("a reply is a yes, a temporary or a permanent no, or neither")
    func classes() {
        for code in 200...599 {
            let reply = SMTPReply(code: code, lines: [])
            #expect(reply.isCompletion == (code < 300 && code != 220 && code != 221))
            #expect(reply.isTemporary == (code >= 400 && code < 500))
            #expect(reply.isPermanent == (code >= 500))
        }
    }

    @Test("only 452 about the number of recipients is about their number")
    func tooManyRecipients() {
        #expect(SMTPReply(code: 452, lines: [octets("4.5.3 x")]).isTooManyRecipients)
        #expect(SMTPReply(code: 452, lines: [octets("too many")]).isTooManyRecipients)
        #expect(!SMTPReply(code: 452, lines: [octets("4.3.1 disk")]).isTooManyRecipients)
        #expect(!SMTPReply(code: 451, lines: [octets("4.5.3 x")]).isTooManyRecipients)
    }

    @Test("what people see holds no control character")
    func description() {
        let reply = SMTPReply(
            code: 550,
            lines: [octets("a\u{1B}[31m\u{0}b"), octets("c\rd\u{9B}")]
        )
        #expect(reply.description == "550 a?[31m?b c?d?")
        #expect(reply.text == octets("a\u{1B}[31m\u{0}b\nc\rd\u{9B}"))
    }
}
