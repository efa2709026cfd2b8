// What the owner of a connection is asked for.

import MailSession

extension IMAPWorker {
    /// What a client asks about INBOX.
    struct InboxQuestion: Hashable {
        let limit: Int
        let after: Int64?
    }

    /// A piece of work on the connection.
    struct Job: Sendable {
        /// Where it may be done.
        enum Place: Sendable {
            /// On this connection.
            case here
            /// On this connection, or where that is busy on the one beside it.
            case anywhere
            /// Better on the one beside it, because it is part of much.
            case beside
        }

        /// Its number in the order of arrival.
        let number: Int
        /// Where it may be done.
        let place: Place
        /// Whether it may run again after the connection dropped under it.
        let isRepeatable: Bool
        /// Runs it; gives the error of the connection when it is not answered yet.
        let run: @Sendable (isolated IMAPWorker, IMAPSession) async -> SessionError?
        /// Answers it with an error.
        let refuse: @Sendable (any Error) -> Void

        /// The same job, not to be repeated again.
        var lastTry: Job {
            Job(number: number, place: .here, isRepeatable: false, run: run, refuse: refuse)
        }
    }
}
