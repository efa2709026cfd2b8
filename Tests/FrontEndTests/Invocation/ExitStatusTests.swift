// Facts about exit statuses.

import BrokerClient
import BrokerProtocol
import Testing

@testable import FrontEnd

@Suite struct ExitStatusTests {
    /// By hand from design.md section 5.
    private static let expected: [(BrokerError.Code, Int32)] = [
        (.requestMalformed, 70), (.requestInvalid, 64), (.requestUnknown, 76), (.requestLimit, 65),
        (.requestCancelled, 75), (.accountUnknown, 67), (.accountLoggedOut, 77),
        (.authenticationFailed, 77), (.authenticationRequired, 77), (.mailboxNotFound, 66),
        (.messageNotFound, 66), (.partNotFound, 66), (.messageInvalid, 65), (.sendRefused, 77),
        (.sendUnknown, 75), (.sendNotConfirmed, 75), (.sendConflict, 65),
        (.networkOffline, 75), (.networkTimeout, 75), (.tlsFailed, 77),
        (.protocolError, 76), (.serverRefused, 77), (.policyDenied, 77),
        (.configurationInvalid, 78), (.storageFailed, 74), (.internalError, 70),
    ]

    @Test("every code of the broker has its exit status", arguments: expected)
    func code(code: BrokerError.Code, status: Int32) {
        #expect(ExitStatus(BrokerError(code, "x")).rawValue == status)
    }

    @Test("the table of this test knows every code")
    func complete() {
        #expect(Set(Self.expected.map(\.0)) == Set(BrokerError.Code.allCases))
    }

    @Test("what is temporary exits 75", arguments: BrokerError.Code.allCases)
    func temporary(code: BrokerError.Code) {
        #expect(ExitStatus(BrokerError(code, "x", temporary: true)).rawValue == 75)
    }

    @Test(
        "a broken connection to the broker has its exit status",
        arguments: [
            (BrokerClientError.noSocketPath, Int32(78)), (.absent(path: "/x"), 69),
            (.untrusted(path: "/x", reason: "y"), 77), (.connectionLost, 75),
            (.protocolMismatch("x"), 76), (.system(call: "x", errno: 5), 74),
        ]
    )
    func client(error: BrokerClientError, status: Int32) {
        #expect(ExitStatus(error).rawValue == status)
    }
}
