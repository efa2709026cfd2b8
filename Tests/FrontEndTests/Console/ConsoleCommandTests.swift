// Facts about the verbs of the console.

import Testing

@testable import FrontEnd

@Suite struct ConsoleCommandTests {
    @Test(
        "words mean what mail programs taught",
        arguments: [
            ([], .nothing), (["h"], .verb(["list", "Work"])),
            (["h", "-n", "5"], .verb(["list", "Work", "-n", "5"])),
            (["12"], .verb(["read", "12"])),
            (["p", "12"], .verb(["read", "12"])), (["p"], .verb(["read", "7"])),
            (["n"], .step(1)), (["-"], .step(-1)), (["d"], .verb(["rm", "7"])),
            (["d", "1", "."], .verb(["rm", "1", "7"])), (["rm", "."], .verb(["rm", "7"])),
            (["v"], .verb(["parts", "7"])), (["w", "3"], .verb(["fetch", "3"])),
            (["F"], .verb(["flag", "7"])), (["label", "+a"], .verb(["label", "7", "+a"])),
            (["label", "3", ".", "-a"], .verb(["label", "3", "7", "-a"])), (["q"], .quit),
            (["x"], .quit), (["exit"], .quit),
            (["c", "Sent"], .change(["Sent"])), (["cd"], .change([])), (["?"], .help),
            (["help"], .help), (["help", "send"], .verb(["help", "send"])),
            (["m", "a@b"], .compose(["a@b"])), (["attach", "x"], .attach(["x"])),
            (["resend"], .resend), ([":inbox"], .verb(["inbox"])),
            (["nonsense"], .verb(["nonsense"])),
            (["0"], .verb(["0"])), (["12", "13"], .verb(["12", "13"])),
        ] as [([String], ConsoleCommand)]
    )
    func meaning(words: [String], command: ConsoleCommand) {
        #expect(ConsoleCommand(words, current: 7, mailbox: "Work") == command)
    }

    @Test("without a message read before, a verb keeps its arguments")
    func withoutCurrent() {
        #expect(ConsoleCommand(["d"], current: nil, mailbox: "inbox") == .verb(["rm"]))
        #expect(ConsoleCommand(["d", "."], current: nil, mailbox: "inbox") == .verb(["rm", "."]))
    }
}
