// The table of waits against the minima of RFC 5321.
// Other limits are tested where they are kept.

import SMTP
import Testing

@Suite struct SMTPLimitsTests {
    @Test(
        "no wait is shorter than RFC 5321 4.5.3.2 asks for",
        arguments: [
            (SMTPPhase.greeting, 300), (.mail, 300), (.rcpt, 300), (.data, 120), (.body, 180),
            (.dot, 600),
        ]
    )
    func minima(_ phase: SMTPPhase, _ seconds: Int) {
        #expect(phase.timeout >= .seconds(seconds))
    }

    @Test("every phase has a wait, and an idle session is given up before servers do")
    func all() {
        for phase in SMTPPhase.allCases { #expect(phase.timeout > .zero) }
        #expect(SMTPPhase.idle.timeout == .seconds(90))
    }
}
