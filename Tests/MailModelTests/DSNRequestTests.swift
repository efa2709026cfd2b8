// Facts about the reports a sender may ask for.

import Foundation
import MailModel
import Testing

@Suite struct DSNRequestTests {
    @Test(
        "events are read in any order and case, and never stands alone",
        arguments: [
            ("failure", "failure"), ("Delay,SUCCESS", "success,delay"), ("never", "never"),
            ("failure,failure", "failure"), ("never,failure", nil), ("", nil), ("failure,", nil),
            ("all", nil),
        ]
    )
    func events(text: String, expected: String?) {
        #expect(DSNRequest(events: text.utf8)?.eventText == expected)
    }

    @Test("the form of the wire is read with each event once")
    func wire() throws {
        let text = #"{"events":["delay","failure","delay"],"content":"headers"}"#
        let request = try JSONDecoder().decode(DSNRequest.self, from: Data(text.utf8))
        #expect(request == DSNRequest([.failure, .delay], content: .headers))
        #expect(throws: (any Error).self) {
            let unknown = #"{"events":["always"]}"#
            return try JSONDecoder().decode(DSNRequest.self, from: Data(unknown.utf8))
        }
    }
}
