// Every limit of the wire between broker and front end, in one place (reliability.md 1.4 L8).

/// Limits of the broker's JSON-RPC wire, in octets unless the name says otherwise.
package enum BrokerLimits {
    /// The version of the protocol; a change that an older client cannot read raises it.
    package static let protocolVersion = 1
    /// Longest line from a client to the broker, without its LF.
    package static let requestLineMax = 256 * 1024
    /// Longest line from the broker to a client, without its LF.
    package static let replyLineMax = 16 * 1024 * 1024
    /// Most octets behind one `octets` notification.
    package static let octetsFrameMax = 256 * 1024
    /// Deepest nesting of arrays and objects.
    package static let depthMax = 64
    /// Front ends connected at once.
    package static let connectionsMax = 64
    /// Requests of one front end being worked on at once.
    package static let requestsInFlightMax = 32
    /// How long a new connection may take to send its first line.
    package static let firstLineWait = Duration.seconds(5)
    /// How long a front end may leave output unread before it is dropped.
    package static let unreadOutputWait = Duration.seconds(60)
    /// Longest method and longest id that is a string.
    package static let nameMax = 128
    /// Longest key of an object.
    package static let keyMax = 128
    /// Octets of all uploads of one front end held before the broker stops reading its socket.
    package static let uploadBufferMax = 1024 * 1024
    /// Events kept for a subscriber that is slow; then it is told to resync.
    package static let eventsPendingMax = 1024
    /// Most messages one `message.list` answers with.
    package static let listMax = 5000
    /// Most ids in one request.
    package static let idsMax = 1000
    /// Most labels in one request.
    package static let labelsMax = 100
    /// Most recipients of one message.
    package static let recipientsMax = 1000
    /// Most attachments of one message.
    package static let attachmentsMax = 1000
    /// Most streams of one request: a text and its attachments.
    package static let streamsMax = 1 + attachmentsMax
}
