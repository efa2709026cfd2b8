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
        /// Its number in the order of arrival.
        let number: Int
        /// Whether it may run again after the connection dropped under it.
        let isRepeatable: Bool
        /// Runs it; gives the error of the connection when it is not answered yet.
        let run: @Sendable (isolated IMAPWorker, IMAPSession) async -> SessionError?
        /// Answers it with an error.
        let refuse: @Sendable (any Error) -> Void

        /// The same job, not to be repeated again.
        var lastTry: Job { Job(number: number, isRepeatable: false, run: run, refuse: refuse) }
    }
}
