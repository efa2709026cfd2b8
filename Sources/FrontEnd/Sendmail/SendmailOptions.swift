// The command line of sendmail(8), as programs call it: letters that may be glued to their values,
// and many that mean nothing to a client that hands everything to a broker.

import MailModel

/// What a caller of sendmail asks for.
struct SendmailOptions: Equatable {
    /// How messages come.
    enum Mode: Equatable {
        /// One message on standard input.
        case message
        /// An SMTP conversation on standard input and output (`-bs`).
        case conversation
        /// The queue is to be shown (`-bp`).
        case queue
    }

    var mode = Mode.message
    /// Whether the header names recipients (`-t`).
    var readsRecipients = false
    /// Whether a line with a dot alone is text (`-i`, `-oi`).
    var ignoresDots = false
    /// The reverse-path (`-f`, `-r`).
    var sender: String?
    /// The author's name for a message without From (`-F`).
    var fullName: String?
    /// Whether what was done is told (`-v`).
    var isVerbose = false
    /// The account, which no other sendmail knows (`-a`).
    var account: String?
    var recipients: [String] = []
    /// The delivery reports that are wanted (`-N`, `-R`); nil without `-N`.
    var dsn: DSNRequest?
    private var content: DSNRequest.Content?

    /// Options that take a value and mean nothing here.
    private static let ignoredWithValue = "BCcdhLOopqVX"
    /// Options without a value that mean nothing here.
    private static let ignored = "nmUsGe"

    /// Reads a command line.
    /// - Throws: `FrontEndError` with status 64.
    init(_ arguments: [String]) throws(FrontEndError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            let octets = Array(word.utf8)
            guard octets.first == UInt8(ascii: "-"), octets.count > 1 else {
                recipients.append(word)
                continue
            }
            if Program.same(word, "--") {
                recipients += rest
                break
            }
            try take(octets.dropFirst(), &rest)
        }
        dsn = dsn.map { DSNRequest($0.events, content: content) }
    }

    private mutating func take(
        _ letters: ArraySlice<UInt8>,
        _ rest: inout ArraySlice<String>
    ) throws(FrontEndError) {
        var letters = letters
        while let letter = letters.popFirst() {
            switch letter {
            case UInt8(ascii: "t"): readsRecipients = true
            case UInt8(ascii: "i"): ignoresDots = true
            case UInt8(ascii: "v"): isVerbose = true
            case UInt8(ascii: "f"), UInt8(ascii: "r"):
                sender = try Self.value(letters, &rest, letter)
                return
            case UInt8(ascii: "F"):
                fullName = try Self.value(letters, &rest, letter)
                return
            case UInt8(ascii: "a"):
                account = try Self.value(letters, &rest, letter)
                return
            case UInt8(ascii: "N"), UInt8(ascii: "R"):
                return try takeReports(try Self.value(letters, &rest, letter), letter)
            case UInt8(ascii: "b"): return try takeMode(letters)
            case _ where Self.ignored.utf8.contains(letter): continue
            case _ where Self.ignoredWithValue.utf8.contains(letter):
                // These values are always glued, as in -oi and -B8BITMIME, but for one.
                if letters.isEmpty, letter == UInt8(ascii: "O") { _ = rest.popFirst() }
                if letter == UInt8(ascii: "o"), letters.elementsEqual("i".utf8) {
                    ignoresDots = true
                }
                return
            default:
                let name = String(decoding: [letter], as: UTF8.self)
                throw .usage("sendmail: there is no option -\(name)")
            }
        }
    }

    private mutating func takeReports(
        _ value: String,
        _ letter: UInt8
    ) throws(FrontEndError) {
        if letter == UInt8(ascii: "N") {
            dsn = DSNRequest(events: value.utf8)
            guard dsn == nil else { return }
            throw .usage("sendmail: -N takes success, failure and delay, or never")
        }
        switch value.utf8 {
        case _ where ASCII.equal(value.utf8, "hdrs"): content = .headers
        case _ where ASCII.equal(value.utf8, "full"): content = .full
        default: throw .usage("sendmail: -R takes hdrs or full")
        }
    }

    private mutating func takeMode(_ letters: ArraySlice<UInt8>) throws(FrontEndError) {
        switch letters.first {
        case UInt8(ascii: "m"): mode = .message
        case UInt8(ascii: "s"): mode = .conversation
        case UInt8(ascii: "p"): mode = .queue
        default:
            let name = String(decoding: letters, as: UTF8.self)
            throw .usage("sendmail: -b\(name) is for servers; -bm, -bs and -bp are not")
        }
    }

    private static func value(
        _ glued: ArraySlice<UInt8>,
        _ rest: inout ArraySlice<String>,
        _ letter: UInt8
    ) throws(FrontEndError) -> String {
        if !glued.isEmpty { return String(decoding: glued, as: UTF8.self) }
        guard let value = rest.popFirst() else {
            let name = String(decoding: [letter], as: UTF8.self)
            throw .usage("sendmail: -\(name) takes a value")
        }
        return value
    }
}
