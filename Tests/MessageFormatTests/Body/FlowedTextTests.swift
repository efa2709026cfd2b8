// Facts about format=flowed (RFC 3676).

import Testing

@testable import MessageFormat

@Suite struct FlowedTextTests {
    @Test(
        "flowed lines join, fixed lines stay",
        arguments: [
            ("a \nb\nc", false, "a b\nc"),
            ("a \nb \nc\n", true, "abc\n"),
            ("> a \n> b\n>> c \n>> d\n", false, "> a b\n>> c d\n"),
            ("> a \nb\n", false, "> a \nb\n"),
            (" From x\n >y\n  z\n", false, "From x\n>y\n z\n"),
            ("a \n-- \nsig\n", false, "a \n-- \nsig\n"),
            ("> -- \n> x\n", false, "> -- \n> x\n"),
            ("a \n\nb\n", false, "a \nb\n"),
            ("a ", false, "a "),
            ("", false, ""),
            ("\n\n", false, "\n\n"),
        ]
    )
    func unwrap(text: String, delSp: Bool, result: String) {
        let octets = FlowedText.unwrap(Array(text.utf8), delSp: delSp)
        #expect(String(decoding: octets, as: UTF8.self) == result)
    }
}
