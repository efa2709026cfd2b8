// What one FETCH response says of one message (RFC 3501 7.4.2). An item that makes no sense is left
// out and counted; the message and its other items stay.

package import MailModel

/// The data of one message.
package struct IMAPFetchData: Sendable, Hashable {
    /// The content of one body section.
    package enum Content: Sendable, Hashable {
        /// The octets themselves.
        case inline([UInt8])
        /// So many octets, handed out as chunks before.
        case streamed(UInt64)
        /// NIL: the server has no such section.
        case absent
        /// So many octets that were over the limit for what is kept, and were read past.
        case tooLarge(UInt64)
    }

    /// A section with what the server sent of it.
    package struct Section: Sendable, Hashable {
        /// What stood between the brackets: `1.2`, `HEADER`, empty for the whole message.
        package let name: [UInt8]
        /// Where a partial content begins; nil for a whole one.
        package let origin: UInt64?
        /// The content.
        package var content: Content

        /// A section from its parts.
        package init(name: [UInt8], origin: UInt64? = nil, content: Content) {
            self.name = name
            self.origin = origin
            self.content = content
        }
    }

    /// The message's number at this moment.
    ///
    /// 0 where the server sent 0.
    package let sequenceNumber: UInt32
    /// The UID.
    package var uid: UID?
    /// All flags of the message.
    package var flags: [Flag]?
    /// When the server got the message.
    package var internalDate: DateTime?
    /// Octets of the whole message, an estimate on some servers.
    package var size: UInt64?
    /// The mod-sequence of its last change (RFC 7162).
    package var modSeq: UInt64?
    /// What names the message wherever it is: EMAILID (RFC 8474 5.1) or X-GM-MSGID.
    package var emailID: ObjectID?
    /// What names its conversation: THREADID (RFC 8474 5.2) or X-GM-THRID.
    package var threadID: ObjectID?
    /// Its labels (X-GM-LABELS).
    ///
    /// Gmail leaves out the label that the open mailbox is.
    package var labels: [Label]?
    /// The part tree.
    package var bodyStructure: BodyStructure?
    /// The content of the header fields asked for, empty where they were too large; nil where none
    /// came.
    package var headers: [UInt8]?
    /// Body sections in the order received.
    package var sections: [Section] = []
    /// How many items made no sense and were left out.
    package var malformedItems = 0

    /// A message of which nothing is known yet.
    package init(sequenceNumber: UInt32) { self.sequenceNumber = sequenceNumber }
}
