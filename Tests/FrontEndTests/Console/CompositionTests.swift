// Facts about writing a message in the console.

import Testing

@testable import FrontEnd

@Suite struct CompositionTests {
    /// Feeds lines; gives the last step and every prompt on the way.
    private static func feed(
        _ lines: [String],
        _ composition: inout Composition
    ) -> (step: Composition.Step, prompts: [String]) {
        var prompts: [String] = []
        var step = Composition.Step.ask
        for line in lines {
            prompts.append(composition.prompt)
            step = composition.receive(Array(line.utf8))
        }
        return (step, prompts)
    }

    @Test("fields are asked for in order and a dot ends the text")
    func whole() {
        var composition = Composition(OutgoingMessage())
        let lines = ["bob@example.org", "", "eve@example.org", "Hi", "Hello", "", "~~x", ".."]
        #expect(
            Self.feed(lines, &composition).prompts
                == ["To: ", "Cc: ", "Bcc: ", "Subject: ", "", "", "", ""]
        )
        #expect(composition.receive(Array(".".utf8)) == .send(allowsEmpty: false))
        #expect(composition.message.to == ["bob@example.org"])
        #expect(composition.message.cc.isEmpty)
        #expect(composition.message.bcc == ["eve@example.org"])
        #expect(composition.message.subject == "Hi")
        #expect(composition.body == Array("Hello\n\n~x\n..\n".utf8))
    }

    @Test("recipients that are known are not asked for")
    func knownRecipients() {
        var message = OutgoingMessage()
        message.to = ["a@b"]
        #expect(Composition(message).prompt == "Cc: ")
    }

    @Test("without any recipient the first is asked for again")
    func missingRecipient() {
        var composition = Composition(OutgoingMessage())
        #expect(Self.feed(["", "", ""], &composition).step == .tell("a recipient is missing"))
        #expect(composition.prompt == "To: ")
    }

    @Test("end of input ends the text, and gives up before it")
    func end() {
        var composition = Composition(OutgoingMessage())
        #expect(composition.receiveEnd() == .cancel)
        _ = Self.feed(["a@b", "", "", "Hi", "x"], &composition)
        #expect(composition.receiveEnd() == .send(allowsEmpty: false))
    }

    @Test("an empty subject or text needs a yes")
    func empty() {
        var composition = Composition(OutgoingMessage())
        #expect(Self.feed(["a@b", "", "", "", "text", "."], &composition).step == .ask)
        #expect(composition.prompt == "The subject is empty. Send it all the same? [y/N] ")
        var refused = composition
        #expect(composition.receive(Array("y".utf8)) == .send(allowsEmpty: true))
        #expect(refused.receive([]) == .ask)
        #expect(refused.prompt == "Subject: ")
        #expect(refused.receive(Array("Now".utf8)) == .ask)
        #expect(refused.receive(Array(".".utf8)) == .send(allowsEmpty: false))
        #expect(refused.body == Array("text\n".utf8))
    }

    @Test("tilde lines attach, show and forget")
    func tilde() {
        let scratch = ScratchDirectory()
        let path = scratch.write("a b.txt", [1, 2, 3])
        var composition = Composition(OutgoingMessage())
        _ = Self.feed(["a@b", "", "", "Hi", "text"], &composition)
        #expect(composition.receive(Array("~a \(path)".utf8)) == .tell("attached a b.txt (3B)"))
        #expect(composition.message.attachments == [path])
        #expect(
            composition.receive(Array("~a /nonexistent".utf8))
                == .tell("/nonexistent: no such file")
        )
        #expect(
            composition.receive(Array("~p".utf8))
                == .tell("To: a@b\nSubject: Hi\nAttached: \(path)\n\ntext\n")
        )
        #expect(composition.receive(Array("~q".utf8)) == .cancel)
    }

    @Test("a text without end is bounded")
    func bounded() {
        var composition = Composition(OutgoingMessage())
        _ = Self.feed(["a@b", "", "", "Hi"], &composition)
        let line = Array(repeating: UInt8(ascii: "x"), count: 4 * 1024 * 1024)
        for _ in 0..<3 { #expect(composition.receive(line) == .ask) }
        #expect(composition.receive(line) == .tell("the text is too long; this line is left out"))
        #expect(composition.body.count == 3 * (line.count + 1))
    }
}
