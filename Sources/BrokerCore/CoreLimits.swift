// Limits of the broker's own work, in one place.

/// Limits of accounts, sync and composing.
package enum CoreLimits {
    /// Octets of the configuration file.
    package static let configurationOctetsMax = 1024 * 1024
    /// Messages fetched of a mailbox that is not known yet: what the first screen needs.
    package static let firstWindow = 200
    /// Messages whose headers one command fetches at first.
    package static let headerWindow = 500
    /// Messages whose headers one command fetches at most (QUIRK 39: Yahoo takes no more).
    package static let headerWindowMax = 2000
    /// Parts into which messages are split of which one may be what the server cannot give.
    package static let headerSplit = 16
    /// How often a message alone must fail to be listed without its header.
    package static let headerStrikesMax = 2
    /// Refusals in a row after which it is not one message that fails.
    package static let headerRefusalsMax = 32
    /// Connections made at once, one after the other, to find a message that ends them.
    package static let headerTrialsMax = 12
    /// Without any progress while such a message is looked for.
    package static let headerTrialWait = Duration.seconds(20)
    /// Messages of one mailbox whose headers are fetched ahead.
    package static let filledMax = 1_000_000
    /// Attempts to fetch headers ahead; after these only a quiet moment begins anew.
    package static let fillAttemptsMax = 6
    /// The pause after the first attempt that failed; those after it are multiples.
    package static let fillPause = Duration.seconds(20)
    /// The pause between two questions for news of mailboxes that are not open, where the server
    /// does not tell by itself.
    package static let pollPause = Duration.seconds(300)
    /// Messages that may go at once before the server is asked again.
    package static let goneUnconfirmedMax = 50
    /// New messages of one exchange that are told as events.
    package static let announcedMax = 50
    /// Answers about an unchanged INBOX that are kept as sent.
    package static let inboxAnswersMax = 8
    /// Octets of messages that are kept in the cache.
    package static let keptOctetsMax: Int64 = 512 * 1024 * 1024
    /// Octets of one section up to which they are kept.
    package static let keptSectionMax: UInt64 = 64 * 1024 * 1024
    /// Octets of the text of a message to send.
    package static let bodyOctetsMax = 16 * 1024 * 1024
    /// Octets of the text of a message shown, unless a client asks for less.
    package static let textOctetsMax = 1024 * 1024
    /// Octets of a text part, decoded, that are turned into text to show.
    package static let textSourceMax = 4 * 1024 * 1024
    /// Octets of a part or message that has no size, or none that the server knows.
    package static let unannouncedOctetsMax: UInt64 = 256 * 1024 * 1024
    /// The first octets that a password command prints and are taken.
    package static let passwordOctetsMax = 4096
    /// How long a password command may run.
    package static let passwordCommandWait = Duration.seconds(30)
    /// Microseconds between two looks whether a child whose output has ended has ended itself.
    package static let childExitPollMicroseconds: UInt32 = 1000
    /// How long the program that turns HTML into text may run.
    package static let textFilterWait = Duration.seconds(10)
    /// Octets of text it may print.
    package static let textFilterOutputMax = 16 * 1024 * 1024
    /// Octets of its output read at once.
    package static let textFilterBlock = 64 * 1024
    /// Octets of a message that a client brings to be parsed or rendered.
    package static let parsedOctetsMax = 64 * 1024 * 1024
    /// Octets of all such messages at once.
    package static let parsedOctetsHeldMax = 256 * 1024 * 1024
    /// The longest pause between two attempts to reach a server.
    package static let reconnectPauseMax = Duration.seconds(300)
    /// The shortest pause before a second attempt while requests wait; what the longest pauses
    /// are doublings of.
    package static let reconnectPauseMin = Duration.seconds(2)
    /// How often the longest pause doubles.
    package static let reconnectDoublingsMax = 8
    /// The shortest pause between two logins after some that the server ended at once.
    package static let loginPauseMin = Duration.seconds(30)
    /// The shortest pause between two attempts while clients only look.
    package static let hurriedPause = Duration.seconds(10)
    /// Syncs that may follow each other without a pause.
    package static let syncsInRowMax = 5
    /// The pause between two syncs beyond that.
    package static let syncPause = Duration.seconds(1)
    /// The longest pause while no server is reached at all.
    package static let unreachablePauseMax = Duration.seconds(8)
    /// How long a connection must have lived for the pauses to start anew.
    package static let steadyConnection = Duration.seconds(60)
    /// How long a connection lives at most that the server ends as soon as it is logged in.
    package static let bouncedConnection = Duration.seconds(10)
    /// IMAP connections of an account, unless configured.
    package static let connections = 3
    /// IMAP connections of an account that may be configured.
    package static let connectionsMax = 10
    /// How long a request waits for a busy connection before another one is used.
    package static let lanePatience = Duration.milliseconds(300)
    /// How long that other connection is held when nothing is left to do.
    package static let laneHold = Duration.seconds(90)
    /// Octets of a download that the connection which waits for news may be used for.
    package static let besideFrom: UInt64 = 4 * 1024 * 1024
    /// The pause between two looks whether the machine has slept or its network has changed.
    package static let networkLookPause = Duration.seconds(5)
    /// How much longer the clock that counts sleep must have gone than the one that does not.
    package static let sleepMin = Duration.seconds(5)
    /// Accounts that are offline when the network changes try again within this time.
    package static let networkJitter = Duration.seconds(2)
    /// The shortest time that one IDLE lasts, whatever was learnt.
    package static let idleRenewalMin = Duration.seconds(60)
    /// How much longer an IDLE may last after one that lasted.
    package static let idleRenewalStep = Duration.seconds(60)
    /// How long a logout waits for what is under way.
    package static let farewellWait = Duration.seconds(10)
    /// How long a request waits for a connection that is being made.
    package static let connectionWait = Duration.seconds(60)
    /// How long a client that changes something waits for the server to have it.
    package static let changeWait = Duration.seconds(3)
    /// The pause before a change is tried again that the server could not do for now.
    package static let operationPause = Duration.seconds(30)
    /// Messages that one command changes.
    package static let operationsMax = 500
    /// Refusals kept for those who asked.
    package static let refusalsMax = 4096
    /// Requests of one account waiting for its connection.
    package static let jobsMax = 1024
    /// Octets of the header of a message that a program hands over whole.
    package static let submittedHeaderOctetsMax = 1024 * 1024
    /// Recipients of one transaction, until a server wants fewer (protocols.md 2.1, LIMITS).
    package static let recipientsPerTransaction = 100
    /// Seconds for which a message may be held back.
    package static let holdMax: Int64 = 86_400
    /// Seconds until a message may be sent at the latest.
    package static let scheduleMax: Int64 = 10 * 366 * 86_400
    /// Seconds between two looks at the calendar while a message waits for its time.
    package static let outboxLookPause: Int64 = 30
    /// Seconds for which the copy of a message waits while others can be sent.
    package static let copyWait: Int64 = 10
    /// Seconds between two attempts to write down what the disk did not take.
    package static let outboxDiskPause: Int64 = 5
    /// Most octets of one piece read from a spool file.
    package static let spoolChunk = 256 * 1024
}
