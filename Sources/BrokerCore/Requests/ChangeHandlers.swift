// Handlers of the methods that change mail.

import BrokerProtocol
import BrokerServer
import MailModel
import MailStore

extension Dispatcher {
    mutating func addChangeMethods(of broker: Broker) {
        on(MessageFlag.self) { params, _ in
            let (add, remove) = (params.add ?? [], params.remove ?? [])
            guard !(add + remove).contains(where: { $0 == .recent || $0 == .deleted }) else {
                throw BrokerError(.requestInvalid, "this flag is not for clients to set")
            }
            return try await Self.change(params.ids, broker) {
                try await $0.setFlags(of: $1, add: add, remove: remove)
            }
        }
        on(MessageLabel.self) { params, _ in
            let (add, remove) = (params.add ?? [], params.remove ?? [])
            guard (1...BrokerLimits.labelsMax).contains(add.count + remove.count) else {
                throw BrokerError(
                    .requestInvalid,
                    "1 to \(BrokerLimits.labelsMax) labels",
                    field: "add"
                )
            }
            return try await Self.change(params.ids, broker) {
                try await $0.setLabels(of: $1, add: add, remove: remove)
            }
        }
        on(MessageTrash.self) { params, _ in
            try await Self.change(params.ids, broker) { try await $0.trash($1) }
        }
        on(MessagePurge.self) { params, _ in
            try await Self.change(params.ids, broker) { try await $0.purge($1) }
        }
        on(MessageMove.self) { params, _ in
            try await Self.change(params.ids, broker) { try await $0.move($1, to: params.target) }
        }
        on(MessageCopy.self) { params, _ in
            try await Self.change(params.ids, broker) { try await $0.copy($1, to: params.target) }
        }
    }

    /// Makes a change mailbox by mailbox; one that fails does not stop the others.
    private static func change(
        _ ids: [Int64],
        _ broker: Broker,
        _ body: @Sendable (IMAPWorker, [StoredMessage]) async throws -> [ChangeResult.Item]
    ) async throws -> ChangeResult {
        guard (1...BrokerLimits.idsMax).contains(ids.count) else {
            throw BrokerError(.requestInvalid, "1 to \(BrokerLimits.idsMax) ids", field: "ids")
        }
        var outcomes: [Int64: ChangeResult.Item] = [:]
        var groups: [(account: AccountSession, messages: [StoredMessage])] = []
        for id in ids where outcomes[id] == nil {
            do {
                let (message, account) = try await broker.message(id)
                let index = groups.firstIndex { $0.messages[0].place.id == message.place.id }
                if let index {
                    groups[index].messages.append(message)
                } else {
                    groups.append((account, [message]))
                }
                // Named twice, changed once.
                outcomes[id] = .init(id: id, outcome: .failed)
            } catch {
                outcomes[id] = .init(id: id, outcome: .failed, error: error)
            }
        }
        for (account, messages) in groups {
            do {
                for item in try await body(account.imap(), messages) { outcomes[item.id] = item }
            } catch {
                for message in messages {
                    let id = message.record.id
                    outcomes[id] = .init(id: id, outcome: .failed, error: BrokerError(any: error))
                }
            }
        }
        return ChangeResult(items: ids.compactMap { outcomes.removeValue(forKey: $0) })
    }
}
