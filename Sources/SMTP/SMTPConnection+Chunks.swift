// A message by BDAT (RFC 3030): its octets are counted and need no dots, and a small one goes out
// with its end in a single write. Chunks are not waited for; the answer to the last one tells.

internal import MailModel

/// The message of a transaction in chunks.
struct Chunks: Sendable {
    /// What the next chunk will hold.
    var held: [UInt8] = []
    /// Chunks that were written and not answered.
    var unanswered = 0
    /// The first answer that was a refusal.
    var refusal: SMTPReply?

    /// Whether nothing is due.
    var isAnswered: Bool { unanswered == 0 }
}

extension SMTPConnection {
    mutating func beginChunks(_ begun: Transaction) -> [Action] {
        transaction?.chunks = Chunks()
        transaction?.stuffer = DotStuffer(doublesDots: false)
        return enter(.body, [.needsBody(begun.recipients(.accepted))])
    }

    /// Takes octets of the message, and writes them when there are enough.
    mutating func hold(_ octets: [UInt8]) -> [Action] {
        guard var chunks = transaction?.chunks, chunks.refusal == nil else { return [] }
        chunks.held += octets
        defer { transaction?.chunks = chunks }
        guard chunks.held.count >= SMTPLimits.chunkOctets else { return [] }
        return write(&chunks, isLast: false)
    }

    /// Writes the last chunk; after a refusal there is none, and no message for the server to take.
    mutating func endChunks(_ octets: [UInt8]) -> [Action] {
        guard var chunks = transaction?.chunks, chunks.refusal == nil else { return [] }
        chunks.held += octets
        let actions = write(&chunks, isLast: true)
        transaction?.chunks = chunks
        state = .dot
        return actions
    }

    private func write(_ chunks: inout Chunks, isLast: Bool) -> [Action] {
        let command = SMTPCommand.bdat(count: chunks.held.count, isLast: isLast).octets
        chunks.unanswered += 1
        defer { chunks.held = [] }
        return [.write(command), .write(chunks.held)]
    }

    /// Takes the answer to a chunk while the message is being written.
    mutating func handleChunk(_ reply: SMTPReply) -> [Action] {
        guard let transaction = note(reply), let refusal = transaction.chunks?.refusal else {
            return []
        }
        guard transaction.chunks?.isAnswered == true else { return [] }
        if let violation = violation(in: refusal) { return end(violation, refusal) }
        isBodyRefused = true
        let error = SMTPError(code(of: refusal), phase: phase, reply: refusal)
        return conclude(transaction.outcome(endedBy: error), resets: true)
    }

    /// Takes an answer when the last chunk was written.
    mutating func handleLastChunk(_ reply: SMTPReply) -> [Action] {
        guard let transaction = note(reply), transaction.chunks?.isAnswered == true else {
            return []
        }
        // What follows a refused chunk is refused only for that.
        let refusal = reply.isCompletion ? nil : transaction.chunks?.refusal
        guard let refusal, code(of: refusal) == .unexpectedReply else {
            return handleEnd(refusal ?? reply)
        }
        let error = SMTPError(.unexpectedReply, phase: phase, reply: refusal)
        return conclude(transaction.outcome(endedBy: error), resets: true)
    }

    private mutating func note(_ reply: SMTPReply) -> Transaction? {
        guard var chunks = transaction?.chunks else { return nil }
        chunks.unanswered -= 1
        if !reply.isCompletion, chunks.refusal == nil { chunks.refusal = reply }
        transaction?.chunks = chunks
        return transaction
    }

    // QUIRK: a server, or a proxy before it, that passes CHUNKING on and does not know BDAT. The
    // same message goes by DATA at the next attempt.
    private mutating func code(of refusal: SMTPReply) -> SMTPError.Code {
        guard [500, 502, 504].contains(refusal.code) else { return .dataRefused }
        extensions.forgetChunking()
        return .unexpectedReply
    }
}
