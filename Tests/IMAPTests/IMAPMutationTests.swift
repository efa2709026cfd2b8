// Damaged input without end: whatever is done to a session's octets, the machine neither traps nor
// hangs nor speaks after it has failed. Seeds are fixed.

import MailModel
import SASL
import Testing

@testable import IMAP

@Suite struct IMAPMutationTests {
    private static let sessions = [
        "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n+ \r\nA0001 OK [CAPABILITY IMAP4rev1 ID] x\r\n"
            + "* ID (\"name\" NIL)\r\nA0002 OK\r\n* 5 EXISTS\r\n",
        "* PREAUTH [CAPABILITY IMAP4rev1 IDLE LITERAL+ ESEARCH] hi\r\n"
            + "* 3 FETCH (UID 7 FLAGS (\\Seen) INTERNALDATE \" 3-Feb-2026 04:05:06 +0100\" MODSEQ (5) "
            + "BODY[1] {5}\r\nhello BODYSTRUCTURE ((\"text\" \"plain\" (\"a\" \"b\") NIL NIL \"7bit\" 5 "
            + "1)(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 (NIL) ((\"a\" \"b\") \"mixed\") 4) "
            + "\"mixed\" NIL (\"inline\" NIL)))\r\nA0001 OK [COPYUID 1 2:3 5:4] x\r\n"
            + "* ESEARCH (TAG \"A0002\") UID ALL 1:5,9\r\n* SEARCH 1 2 3\r\n"
            + "* LIST (\\Sent) \"/\" {3}\r\na\"b\r\n* STATUS x (MESSAGES 5 UIDNEXT 6)\r\n"
            + "* VANISHED (EARLIER) 1:5\r\n* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"
            + "* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n+ idling\r\nA0002 OK\r\n",
    ]
    private static let splices = Array("(){}[]\"\\\r\n *+~0<>:,-".utf8) + [0, 0xFF, 0x80]

    @Test("Damaged sessions end in an error or in nothing", arguments: [1, 2, 3] as [UInt64])
    func damaged(seed: UInt64) {
        var random = SeededGenerator(seed)
        for round in 0..<3000 {
            let text = Self.sessions[round % Self.sessions.count]
            let octets = damage(Array(text.utf8), &random)
            var connection = IMAPConnection(security: .plaintext, credential: Story.tim)
            var hasFailed = false
            var rest = octets[...]
            var isReady = false
            while !rest.isEmpty {
                let count = Int.random(in: 1...64, using: &random)
                let actions = connection.receive(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
                #expect(!hasFailed || actions.isEmpty)
                for action in actions {
                    if case .failed = action { hasFailed = true }
                    guard case .ready = action, !isReady else { continue }
                    isReady = true
                    let all = IMAPMessageSet.from(UID(1))
                    _ = connection.submit(.uidFetch(all, [.section("1")]))
                    _ = connection.submit(.uidSearch([.all]))
                    _ = connection.submit(.idle)
                }
            }
            _ = connection.endIdle()
            _ = connection.closed()
            #expect(connection.closed().isEmpty)
        }
    }

    private func damage(_ octets: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var octets = octets
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let index = Int.random(in: 0..<octets.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: octets.remove(at: index)
            case 1: octets.insert(Self.splices.randomElement(using: &random) ?? 0, at: index)
            case 2: octets[index] = UInt8.random(in: 0...255, using: &random)
            case 3:
                let end = min(octets.count, index + Int.random(in: 1...40, using: &random))
                octets.insert(contentsOf: octets[index..<end], at: index)
            default:
                let end = min(octets.count, index + Int.random(in: 1...40, using: &random))
                octets.removeSubrange(index..<end)
            }
            if octets.isEmpty { return [0] }
        }
        return octets
    }
}
