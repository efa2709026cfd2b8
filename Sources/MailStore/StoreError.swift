// What can go wrong with the broker's own files.

/// An error of the store: the disk's or the file's fault, never the mail's.
package struct StoreError: Error, Sendable, Equatable {
    /// What kind of fault it is.
    package enum Code: Sendable, Equatable {
        /// The database file cannot be opened or created.
        case cannotOpen
        /// The file is no database of ours, or is damaged.
        case damaged
        /// A newer version of the program wrote it.
        case newerSchema
        /// The disk is full.
        case diskFull
        /// Another process holds the file.
        case busy
        /// The disk did not say whether it has a change: it may have it.
        case notConfirmed
        /// Anything else SQLite reports.
        case failed

        /// Whether another file at the same place would do.
        var concernsContent: Bool {
            switch self {
            case .damaged, .newerSchema, .failed: true
            case .cannotOpen, .diskFull, .busy, .notConfirmed: false
            }
        }
    }

    /// What kind of fault it is.
    package let code: Code
    /// SQLite's own words, without data.
    package let reason: String

    /// An error.
    package init(code: Code, reason: String) {
        self.code = code
        self.reason = reason
    }

    /// Whether the same call may succeed later.
    package var isTemporary: Bool { [.diskFull, .busy, .notConfirmed].contains(code) }
}
