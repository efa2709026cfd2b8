// Facts about the subjects of answers and forwards.

import Testing

@testable import MessageFormat

@Suite struct ReplySubjectTests {
    @Test(
        "an answer has one mark, in any language and wherever a list put its tag",
        arguments: [
            ("Lunch", "Re: Lunch"), ("Re: Lunch", "Re: Lunch"),
            ("RE: re: Re[3]: Lunch", "Re: Lunch"),
            ("AW: Lunch", "Re: Lunch"), ("SV: Lunch", "Re: Lunch"), ("Antw: Lunch", "Re: Lunch"),
            ("RES: Lunch", "Re: Lunch"), ("VS: Lunch", "Re: Lunch"), ("RIF: Lunch", "Re: Lunch"),
            ("Re: AW: SV: Lunch", "Re: Lunch"), ("回复：午饭", "Re: 午饭"), ("答复: 午饭", "Re: 午饭"),
            ("回复： Re：午饭", "Re: 午饭"), ("", "Re: "), ("Re:", "Re: "),
            ("Fwd: Lunch", "Re: Fwd: Lunch"), ("Re: Fwd: Re: Lunch", "Re: Fwd: Re: Lunch"),
            ("[list] Lunch", "Re: [list] Lunch"), ("[list] Re: Lunch", "Re: [list] Lunch"),
            ("Re: [list] Re: Lunch", "Re: [list] Lunch"),
            ("[list] AW: [list] Lunch", "Re: [list] Lunch"),
            ("[a] Re: [b] Re: Lunch", "Re: [a] [b] Lunch"), ("Rest: of it", "Re: Rest: of it"),
            ("[list]", "Re: [list]"), ("WG: Lunch", "Re: WG: Lunch"),
            ("a\r\nBcc: x", "Re: a Bcc: x"), ("a\0\u{1B}b\u{7F}", "Re: a b"),
        ]
    )
    func reply(subject: String, expected: String) {
        let reply = ReplySubject.reply(to: Array(subject.utf8))
        #expect(String(decoding: reply, as: UTF8.self) == expected)
    }

    @Test(
        "a forward has one mark",
        arguments: [
            ("Lunch", "Fwd: Lunch"), ("Fwd: Lunch", "Fwd: Lunch"), ("FW: fwd: Lunch", "Fwd: Lunch"),
            ("WG: Lunch", "Fwd: Lunch"), ("TR: Lunch", "Fwd: Lunch"), ("ENC: Lunch", "Fwd: Lunch"),
            ("转发：午饭", "Fwd: 午饭"), ("Re: Lunch", "Fwd: Re: Lunch"),
            ("Lunch (fwd)", "Fwd: Lunch"), ("[Fwd: Lunch]", "Fwd: Lunch"),
            ("[list] Fwd: Lunch", "Fwd: [list] Lunch"), ("Trip: x", "Fwd: Trip: x"), ("", "Fwd: "),
        ]
    )
    func forward(subject: String, expected: String) {
        let forward = ReplySubject.forward(of: Array(subject.utf8))
        #expect(String(decoding: forward, as: UTF8.self) == expected)
    }

    @Test("marking twice is marking once")
    func idempotent() {
        for subject in ["[a] Re: [b] AW: x", "Fwd: [fwd: y] (fwd)", "", "[q]", "回复：转发：z"] {
            let once = ReplySubject.reply(to: Array(subject.utf8))
            #expect(ReplySubject.reply(to: once) == once || subject.isEmpty)
            let forward = ReplySubject.forward(of: Array(subject.utf8))
            #expect(ReplySubject.forward(of: forward) == forward || subject.isEmpty)
        }
    }

    @Test("a long subject is cut between scalars")
    func long() {
        let reply = ReplySubject.reply(to: Array(String(repeating: "日", count: 100_000).utf8))
        #expect(reply.count <= MessageFormatLimits.repliedTextOctetsMax + 4)
        #expect(String(validating: reply, as: UTF8.self) != nil)
    }
}
