// Facts about safe file names (reliability.md C29).

import Testing

@testable import MailModel

@Suite struct FileNameTests {
    @Test(
        "a hostile name becomes one harmless component",
        arguments: [
            ("../../.bashrc", "bashrc"), ("/etc/passwd", "passwd"), ("..\\..\\x.exe", "x.exe"),
            (".bashrc", "bashrc"), ("-rf", "rf"), ("--help.txt", "help.txt"), ("~", "~"),
            ("$(x)", "$(x)"), ("a\0.png", "a.png"), ("%2e%2e%2f", "%2e%2e%2f"), ("", "attachment"),
            (".", "attachment"), ("..", "attachment"), ("/", "attachment"), (" . ", "attachment"),
            ("CON", "_CON"), ("con.txt", "_con.txt"), ("Lpt1.a.b", "_Lpt1.a.b"), ("COM¹", "_COM¹"),
            ("console", "console"), ("com10", "com10"), ("NUL .txt", "_NUL .txt"),
            ("a. . ", "a"), ("a\nb\r\n.txt", "ab.txt"), ("a\u{1B}[2Jb", "a[2Jb"),
            ("a\u{9B}b", "ab"),
            ("invoice\u{202E}fdp.exe", "invoicefdp.exe"), ("a\u{200B}\u{2066}b", "ab"),
            ("\u{FEFF}x", "x"), ("a\u{2028}b", "ab"), ("../\u{301}x", "x"),
            (".\u{301}bashrc", "bashrc"),
            ("\u{E0061}\u{E007F}", "attachment"), ("a/b/", "b"), ("a/..", "a"), ("x/.", "x"),
            ("a\u{A0}b.txt", "a b.txt"), ("\u{A0}x", "x"), ("résumé.pdf", "résumé.pdf"),
            ("日本.txt", "日本.txt"),
            ("a:b?.txt", "a:b?.txt"),
        ]
    )
    func hostile(name: String, safe: String) {
        #expect(Array(FileName.safe(name).utf8) == Array(safe.utf8))
    }

    @Test("a nameless part gets the extension of its type")
    func fallback() {
        #expect(FileName.safe("..", mediaType: "image/PNG") == "attachment.png")
        #expect(FileName.safe("", mediaType: "x/y") == "attachment")
    }

    @Test("a long name is cut between scalars, keeps its extension and leaves room for a number")
    func long() {
        let name = FileName.safe(String(repeating: "ä", count: 300) + ".tar.gz")
        #expect(name.utf8.count <= 249)
        #expect(name.utf8.count >= 246)
        #expect(name.utf8.suffix(3).elementsEqual(".gz".utf8))
        #expect(!name.unicodeScalars.contains("\u{FFFD}"))
        let plain = FileName.safe(String(repeating: "a", count: 1_000))
        #expect(plain.utf8.count == 249)
        let odd = FileName.safe("a." + String(repeating: "b", count: 1_000))
        #expect(odd.utf8.count == 249)
        #expect(FileName.safe(String(repeating: "a", count: 245) + " . .pdf").utf8.count <= 249)
    }

    @Test("the result of any input is a visible component that stays as it is")
    func stable() {
        var state: UInt64 = 42
        let alphabet: [String] = [
            "/", "\\", ".", "-", " ", "a", "\0", "\n", "\u{301}", "\u{202E}", "\u{200D}", "💩",
            "con",
            "\u{FE0F}", "~", "ä",
        ]
        for _ in 0..<20_000 {
            var name = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                name += alphabet[Int(state >> 60)]
            }
            let safe = FileName.safe(name)
            #expect(!safe.isEmpty && safe.utf8.count <= 249)
            #expect(!safe.utf8.contains(0x2F) && !safe.utf8.contains { $0 < 0x20 })
            #expect(safe.utf8.first != 0x2E && safe.utf8.first != 0x2D)
            #expect(FileName.safe(safe) == safe, "\(name.unicodeScalars.map(\.value))")
        }
    }
}
