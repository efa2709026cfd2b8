// Facts about command lines of mb.

import BrokerProtocol
import Testing

@testable import FrontEnd

@Suite struct MailCommandTests {
    @Test(
        "a wrong command line exits 64 and says so on standard error",
        arguments: [
            [], ["inbox", "--nope"], ["inbox", "-n", "0"], ["inbox", "-n", "x"],
            ["inbox", "extra"],
            ["list"], ["list", ""], ["read"], ["read", "x"], ["read", "0"], ["read", "-1"],
            ["read", "99999999999999999999"], ["read", "1", "--max-bytes", "0"], ["rm"],
            ["rm", "1", "two"], ["fetch"], ["fetch", "1:a"], ["fetch", "1:"], ["fetch", ":1"],
            ["fetch", "1", "-o", "-", "-d", "."], ["login"], ["login", ""], ["login", "  "],
            ["login", "a@b", "--password-stdin", "--password-command"], ["-a"], ["--json"],
            ["send", "-t", "a@b", "-s", "x", "--body", "y", "word"],
            ["send", "-t", "a@b", "-s", "x", "--body", "y", "-"], ["inbxo"], ["no/such"],
        ]
    )
    func usage(arguments: [String]) {
        let captured = CapturedSession()
        #expect(MailCommand.run(arguments, session: captured.session) == 64)
        let isJSON = arguments.contains("--json")
        #expect(captured.out.octets.isEmpty != isJSON)
        #expect(isJSON || captured.err.text.utf8.starts(with: "mb: ".utf8))
    }

    @Test("with --json a wrong command line is an object on standard output")
    func usageJSON() {
        let captured = CapturedSession()
        #expect(captured.run("--json", "inbox", "-n", "0") == 64)
        #expect(
            captured.out.text == """
                {"schema":"mb.error/1","error":{"code":"usage","exit":64,"field":null,\
                "message":"-n takes a number from 1 to 5000","server":null,"temporary":false}}

                """
        )
        #expect(captured.err.octets.isEmpty)
    }

    @Test(
        "help and version go to standard output and exit 0",
        arguments: ["--help", "--version", "help"]
    )
    func help(argument: String) {
        let captured = CapturedSession()
        #expect(captured.run(argument) == 0)
        #expect(!captured.out.octets.isEmpty)
        #expect(captured.err.octets.isEmpty)
    }

    @Test("an absent broker is one line and exit 69")
    func absent() {
        let captured = CapturedSession()
        #expect(captured.run("inbox") == 69)
        #expect(captured.err.text == "mb: the broker is not running; start it with: mb start\n")
        #expect(captured.out.octets.isEmpty)
    }

    @Test(
        "global options are taken before the verb and after it",
        arguments: [
            ["-a", "work", "--json", "inbox"], ["inbox", "-a", "work", "--json"],
            ["--account", "work", "inbox", "--json"], ["--account=work", "--json", "inbox"],
            ["-awork", "inbox", "--json"], ["--json", "inbox", "--account=work"],
        ]
    )
    func globalOptions(arguments: [String]) throws {
        let broker = try FakeBroker { request, connection in
            try connection.reply(request, Sample.list([]))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(MailCommand.run(arguments, session: captured.session) == 0)
        #expect(
            captured.out.text.utf8.starts(with: #"{"schema":"mb.list/1","account":"alice","#.utf8)
        )
        let params = try broker.request(0).params(MessageList.Params.self)
        #expect(params.account == "work")
        #expect(params.mailbox == "inbox")
        #expect(params.limit == 25)
    }

    @Test("an unknown verb names the nearest one")
    func unknownVerb() {
        let captured = CapturedSession()
        #expect(captured.run("inbxo") == 64)
        #expect(
            captured.err.text
                == "mb: there is no verb inbxo, nor a program mb-inbxo; did you mean inbox?\n"
        )
    }

    @Test(
        "only a plain word can name another program",
        arguments: [
            ("stats", true), ("git-am", true), ("x2", true), ("inbox", false), ("help", false),
            ("../x", false), ("-v", false), ("", false), ("A", false), ("a b", false), ("é", false),
        ]
    )
    func externalVerb(word: String, isExternal: Bool) {
        #expect(MailCommand.isExternal(word) == isExternal)
    }
}
