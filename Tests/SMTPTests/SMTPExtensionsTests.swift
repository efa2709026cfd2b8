// The list behind EHLO, well-formed and as servers really send it.
// What the machine makes of it stands in the tests of the connection.

import SMTP
import Testing

@Suite struct SMTPExtensionsTests {
    private func read(_ lines: [String]) -> SMTPExtensions {
        SMTPExtensions(ehloReply: SMTPReply(code: 250, lines: lines.map(octets)))
    }

    @Test("the keywords of the first line count for nothing")
    func firstLine() {
        #expect(read(["PIPELINING"]) == SMTPExtensions())
        #expect(read(["SIZE 5"]).hasSize == false)
    }

    @Test("every known keyword is found in any case")
    func keywords() {
        let extensions = read([
            "x", "pipelining", "8bitmime", "SmtpUTF8", "STARTTLS", "CHUNKING", "DSN",
            "ENHANCEDSTATUSCODES", "SIZE 10240000", "AUTH plain LOGIN",
            "LIMITS RCPTMAX=50 MAILMAX=7 RCPTDOMAINMAX=2 X=1",
        ])
        #expect(extensions.hasPipelining && extensions.has8BitMIME && extensions.hasSMTPUTF8)
        #expect(extensions.hasStartTLS && extensions.hasChunking && extensions.hasDSN)
        #expect(extensions.hasEnhancedStatusCodes && extensions.hasSize)
        #expect(extensions.sizeMax == 10_240_000 && !extensions.isSizeUnstated)
        #expect(extensions.mechanisms == [octets("plain"), octets("LOGIN")])
        #expect(extensions.recipientsMax == 50 && extensions.messagesMax == 7)
        #expect(extensions.recipientDomainsMax == 2)
        #expect(extensions.keywordLines.count == 10)
    }

    @Test("a keyword with more letters is another keyword")
    func lookalikes() {
        #expect(
            read(["x", "PIPELININGX", "XSIZE 5", "AUTHX PLAIN", "START TLS"]).mechanisms.isEmpty
        )
        #expect(!read(["x", "PIPELININGX", "START TLS"]).hasPipelining)
        #expect(!read(["x", "START TLS"]).hasStartTLS)
        // U+212A KELVIN SIGN is no K.
        #expect(!read(["x", "CHUN\u{212A}ING"]).hasChunking)
    }

    @Test("`AUTH=` is read like AUTH and no mechanism is listed twice")
    func legacyAuth() {
        #expect(
            read(["x", "AUTH PLAIN", "AUTH=LOGIN plain CRAM-MD5"]).mechanisms
                == [octets("PLAIN"), octets("LOGIN"), octets("CRAM-MD5")]
        )
        #expect(read(["x", "AUTH="]).mechanisms.isEmpty)
        #expect(read(["x", "AUTH= LOGIN"]).mechanisms == [octets("LOGIN")])
    }

    @Test(
        "a SIZE without a number states none",
        arguments: ["SIZE", "SIZE ", "SIZE x", "SIZE -1", "SIZE 99999999999999999999", "SIZE 1k"]
    )
    func unstatedSize(_ line: String) {
        let extensions = read(["x", line])
        #expect(extensions.hasSize && extensions.isSizeUnstated && extensions.sizeMax == nil)
    }

    @Test("SIZE 0 is a statement that there is no limit")
    func zeroSize() {
        let extensions = read(["x", "SIZE 0"])
        #expect(extensions.hasSize && !extensions.isSizeUnstated && extensions.sizeMax == nil)
    }

    @Test("empty keyword lines and broken limits are passed over")
    func tolerance() {
        let extensions = read([
            "x", "", "  ", "LIMITS RCPTMAX RCPTMAX= RCPTMAX=0 =5 MAILMAX=x", "DSN",
        ])
        #expect(extensions.recipientsMax == nil && extensions.messagesMax == nil)
        #expect(extensions.hasDSN)
    }
}
