// Facts about base subjects. Those of imaptest are what its authors expect of servers; the others
// follow the grammar of RFC 5256 by hand.

import Testing

@testable import MessageFormat

@Suite struct BaseSubjectTests {
    @Test(
        "the base subject is what RFC 5256 leaves",
        arguments: [
            // imaptest: sort-subject and thread-orderedsubject.
            ("[foo] Fwd: [bar] Re: fw: b (fWd)  (fwd)", "b", true),
            ("b (a)", "b (a)", false), ("Re: [FWD: c]", "c", true), ("[xyz]", "[xyz]", false),
            ("Re: =?utf-8?q?b?=", "b", true), ("=?iso-8859-1?q?RE:_C?=", "C", true),
            ("=?us-ascii?b?UmU6IGM=?=", "c", true), ("_", "_", false),
            ("Ad: Re: Ad: Re: Ad: x", "Ad: Re: Ad: Re: Ad: x", false),
            ("re: [fwd: [fwd: re: [fwd: babylon]]]", "babylon", true),
            // subj-refwd.
            ("Re: hello", "hello", true), ("RE :hello", "hello", true),
            ("re[2]: hello", "hello", true), ("Re [5] : hello", "hello", true),
            ("Fw: hello", "hello", true), ("FWD: hello", "hello", true),
            ("Re:Re:Re:hello", "hello", true), ("Re hello", "Re hello", false),
            ("Ref: hello", "Ref: hello", false), ("Rehello: x", "Rehello: x", false),
            ("Re[2 hello", "Re[2 hello", false), ("Fwds: x", "Fwds: x", false),
            // subj-blob.
            ("[list] hello", "hello", false), ("[a] [b] hello", "hello", false),
            ("[a] [b]", "[b]", false), ("[a][b] Re: [c] hello", "hello", true),
            ("[a [b] c", "[a [b] c", false), ("[] hello", "hello", false),
            ("[list]Re: x", "x", true), ("hello [list]", "hello [list]", false),
            // subj-trailer.
            ("hello (fwd)", "hello", true), ("hello (FWD) (fwd) ", "hello", true),
            ("hello(fwd)", "hello", true), ("hello (fwd) x", "hello (fwd) x", false),
            // subj-fwd.
            ("[fwd: hello]", "hello", true), ("[Fwd: Re: hello (fwd)] (fwd)", "hello", true),
            ("[fwd: hello", "[fwd: hello", false), ("[fwd:]", "", true),
            ("[fwd: a] b", "b", false),
            // Nothing remains, or there was nothing.
            ("Re:", "", true), ("", "", false), ("   ", "", false), ("(fwd)", "", true),
            // Blanks.
            ("  a \t b\r\n c ", "a b c", false), ("Re:\tx", "x", true),
            // Marks of other languages are text here.
            ("AW: hello", "AW: hello", false), ("回复：x", "回复：x", false),
        ]
    )
    func base(subject: String, text: String, isMarked: Bool) {
        let base = BaseSubject(parsing: subject.utf8)
        #expect(String(decoding: base.text, as: UTF8.self) == text)
        #expect(base.isReplyOrForward == isMarked)
    }

    @Test(
        "hostile subjects take linear time",
        arguments: [
            "Re: ", "[a]", "[", "(fwd)", "[fwd:", "re[", "[fwd:]", "re [a] :", "fwd", " ",
        ]
    )
    func linear(piece: String) {
        LinearTime.expect(
            piece,
            input: { Array(String(repeating: piece, count: $0).utf8) },
            count: 5_000
        ) { subject in
            _ = BaseSubject(subject)
            _ = BaseSubject(subject + [UInt8](repeating: UInt8(ascii: "]"), count: subject.count))
            _ = ReplySubject.reply(to: subject)
            _ = ReplySubject.forward(of: subject)
        }
    }
}
