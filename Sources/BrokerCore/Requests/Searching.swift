// Finding messages by words.

import BrokerProtocol
import MailModel
import MailStore

extension Dispatcher {
    mutating func addSearchMethods(of broker: Broker) {
        on(MessageSearch.self) { params, _ in
            guard (1...BrokerLimits.listMax).contains(params.limit) else {
                throw BrokerError(
                    .requestInvalid,
                    "limit must be from 1 to \(BrokerLimits.listMax)",
                    field: "limit"
                )
            }
            let query = try SearchQuery(words: params.words)
            let account = try await broker.account(params.account)
            let name = await account.configuration.name
            let mailboxes = try broker.store.mailboxes(of: name)
            var mailbox: MailboxRecord?
            if let wanted = params.mailbox {
                mailbox = try mailboxes.named(wanted, account: name)
            }
            let found = try broker.store.search(
                query,
                of: name,
                in: mailbox?.id,
                limit: params.limit
            )
            return MessageSearch.Result(
                account: name,
                messages: found.compactMap { record in
                    let place = mailboxes.first { $0.id == record.place }
                    return place.map { MessageSummary(record, in: $0) }
                }
            )
        }
    }
}

extension SearchQuery {
    /// The query of words as clients write them.
    fileprivate init(words: [String]) throws(BrokerError) {
        var (terms, labels) = ([Term](), [LabelTerm]())
        for word in words where !word.utf8.isEmpty {
            let label = word.utf8.dropFirst("label:".utf8.count)
            if ASCII.hasPrefix(word.utf8, "label:"), !label.isEmpty {
                labels.append(LabelTerm(word: String(Substring(label))))
            } else {
                terms.append(Term(word: word))
            }
        }
        self.init(terms, labels: labels)
        guard (1...Self.termsMax).contains(terms.count + labels.count) else {
            throw BrokerError(
                .requestInvalid,
                "words: from 1 to \(Self.termsMax)",
                field: "words"
            )
        }
    }
}

extension SearchQuery.Term {
    fileprivate init(word: String) {
        let places: [(StaticString, SearchQuery.Place)] = [
            ("from:", .from), ("to:", .to), ("subject:", .subject),
        ]
        for (prefix, place) in places where ASCII.hasPrefix(word.utf8, prefix) {
            let rest = word.utf8.dropFirst(prefix.utf8CodeUnitCount)
            if !rest.isEmpty {
                self.init(place, String(Substring(rest)))
                return
            }
        }
        self.init(.anywhere, word)
    }
}
