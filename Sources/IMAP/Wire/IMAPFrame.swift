// What the framer hands on: one whole response with its literals in place. No grammar here.

/// One response from the server, without its last line end.
struct IMAPFrame: Sendable {
    /// What stands at one place of a frame where the server sent a literal.
    struct Literal: Sendable, Equatable {
        /// Where `{` or `~{` stands in `octets`.
        var start: Int
        /// Where the text goes on: behind the announcement and the content that was kept.
        var end: Int
        /// The kept content's place in `octets`; empty when none was.
        var content: Range<Int>
        /// What became of the content.
        var fate: Fate

        /// What became of a literal's content.
        enum Fate: Sendable, Equatable {
            /// It is in the frame.
            case kept
            /// It went out as chunks: so many octets.
            case streamed(UInt64)
            /// It was over its limit and was read past.
            case discarded(UInt64)
        }
    }

    /// The text of the response with the literals' announcements and kept contents.
    var octets: [UInt8] = []
    /// The literals in order.
    var literals: [Literal] = []
    /// Where the response begins in the stream from the server.
    var offset: UInt64 = 0
}

/// What the framer has found.
enum IMAPFrameEvent: Sendable {
    /// Octets of a literal that is streamed; its frame follows when it is complete.
    case chunk([UInt8])
    /// A whole response.
    case response(IMAPFrame)
}
