// A message of the outbox, as the broker of a test tells it.

import BrokerProtocol
import MailModel

extension OutboxItem {
    /// Number 17 to two recipients, in a state.
    static func example(_ state: OutboxState, attempts: Int = 0) -> OutboxItem {
        OutboxItem(
            id: 17,
            account: "alice",
            state: state,
            messageID: "b7c1@alice.example",
            from: "alice@alice.example",
            recipients: ["bob@example.org", "eve@example.org"].map {
                Recipient(address: $0, state: .pending)
            },
            subject: "Lunch",
            created: DateTime(unixSeconds: 1_795_700_000),
            attempts: attempts,
            size: 1_258_292,
            attention: state == .failed || state == .held
        )
    }
}
