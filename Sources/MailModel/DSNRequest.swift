// What a sender asks of the servers on a message's way: reports of its delivery (RFC 3461).

/// Which delivery reports are wanted.
package struct DSNRequest: Sendable, Codable, Hashable {
    /// What a report tells.
    package enum Event: String, Sendable, Codable, CaseIterable {
        /// The message was delivered.
        case success
        /// The message cannot be delivered.
        case failure
        /// The message is late.
        case delay
    }

    /// How much of the message a report of failure holds.
    package enum Content: String, Sendable, Codable, CaseIterable {
        /// Its header.
        case headers
        /// All of it.
        case full
    }

    /// What is reported, in the order of the cases; nothing at all where it is empty.
    package let events: [Event]
    /// How much of the message comes back; nil leaves that to the server.
    package let content: Content?

    /// Wants reports of these events, each once.
    package init(_ events: some Sequence<Event>, content: Content? = nil) {
        let wanted = Set(events)
        self.events = Event.allCases.filter { wanted.contains($0) }
        self.content = content
    }

    /// Reads `failure,delay` or `never`, in any case; nil for anything else.
    package init?(events text: some Sequence<UInt8>, content: Content? = nil) {
        let words = Array(text).split(
            separator: UInt8(ascii: ","),
            omittingEmptySubsequences: false
        )
        if words.count == 1, ASCII.equal(words[0], "never") {
            self.init([], content: content)
            return
        }
        var events: [Event] = []
        for word in words {
            guard let event = Event.allCases.first(where: { ASCII.equal(word, $0.rawValue.utf8) })
            else { return nil }
            events.append(event)
        }
        self.init(events, content: content)
    }

    enum CodingKeys: String, CodingKey {
        case events, content
    }

    /// Reads the form of the wire.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode([Event].self, forKey: .events),
            content: try container.decodeIfPresent(Content.self, forKey: .content)
        )
    }

    /// `failure,delay` or `never`.
    package var eventText: String {
        events.isEmpty ? "never" : events.map(\.rawValue).joined(separator: ",")
    }
}
