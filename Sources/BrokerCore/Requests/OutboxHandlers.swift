// Handlers of the methods about sending and the outbox.

import BrokerProtocol
import BrokerServer
import MailModel
import MailStore

extension Dispatcher {
    mutating func addOutboxMethods(of broker: Broker) {
        on(MessageSend.self) { params, context in
            try await broker.send(params, context)
        }
        on(OutboxList.self) { params, _ in
            var records = try broker.outbox.outbox.records(all: params.all ?? false)
            if let name = params.account {
                let account = try await broker.account(name).configuration.name
                records.removeAll { $0.account != account }
            }
            return OutboxList.Result(items: records.map(OutboxItem.init))
        }
        on(OutboxShow.self) { params, _ in
            let outbox = broker.outbox.outbox
            guard let record = try outbox.record(params.id) else {
                throw BrokerError(
                    .messageNotFound,
                    "there is no message \(params.id) in the outbox"
                )
            }
            return OutboxShow.Result(
                item: OutboxItem(record),
                history: try outbox.history(of: params.id).map {
                    .init(
                        time: DateTime(unixSeconds: $0.time),
                        what: $0.what,
                        detail: $0.detail
                    )
                }
            )
        }
        on(OutboxChangeRequest.self) { params, _ in
            guard (1...BrokerLimits.idsMax).contains(params.ids.count) else {
                throw BrokerError(.requestInvalid, "1 to \(BrokerLimits.idsMax) ids", field: "ids")
            }
            var items: [OutboxChangeRequest.Result.Item] = []
            for id in params.ids {
                do throws(BrokerError) {
                    let record = try await broker.outbox.change(id, params.action)
                    items.append(.init(id: id, item: OutboxItem(record)))
                } catch {
                    items.append(.init(id: id, error: error))
                }
            }
            return OutboxChangeRequest.Result(items: items)
        }
    }
}
