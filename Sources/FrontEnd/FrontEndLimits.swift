// Every limit of the front ends in one place. The wire's own limits are `BrokerLimits`.

/// Limits of the front ends, in octets unless the name says otherwise.
package enum FrontEndLimits {
    /// Rows of a list when none are asked for.
    package static let listRows = 25
    /// Columns of a table that goes into a pipe or file.
    package static let pipeColumns = 100
    /// Columns of a terminal that tables are fitted to; others are taken for the nearer end.
    package static let columns = 40...400
    /// Most octets of one table cell that are looked at before it is cut to its width.
    package static let cellOctetsMax = 2048
    /// Most combining marks shown on one character.
    package static let marksPerCellMax = 8
    /// Most octets of one header line or error line that are shown.
    package static let lineOctetsMax = 16 * 1024
    /// Most cells of a display name, so that the address behind it is never pushed away.
    package static let displayNameCellsMax = 60
    /// Octets read from a file at once.
    package static let fileReadSize = 256 * 1024
    /// Octets of a body that are looked at to tell whether it is empty.
    package static let bodyProbeMax = 64 * 1024
    /// How many numbers are put behind a name that is taken before a file is given up.
    package static let nameTriesMax = 999
    /// Most octets of `mb raw --json`, which has to hold them all.
    package static let rawInJSONMax: Int64 = 64 * 1024 * 1024
    /// Octets collected before standard output is written.
    package static let outputBufferMax = 64 * 1024
    /// How often a progress bar is drawn anew, in milliseconds.
    package static let progressIntervalMilliseconds: Int64 = 100
    /// How long `mb stop` waits for the broker to go, in milliseconds.
    package static let stopWaitMilliseconds: Int32 = 10_000
    /// Most octets of the line `mailbrokerd` says when it is ready.
    package static let readyLineMax = 4096
    /// Most octets of one line of the console when it is read from a pipe.
    package static let consoleLineMax = 256 * 1024
    /// Most octets of a body written in the console.
    package static let composedBodyMax = 16 * 1024 * 1024
    /// Lines of history that are kept.
    package static let historyLinesMax: Int32 = 1000
    /// Most octets of an answer to a question.
    package static let answerMax = 256
}
