// A message in a file or a pipe on its way to the broker to be read, with the line ends it has or
// with those an IMAP server would give it.

import BrokerClient
import BrokerProtocol
import MailModel

/// The octets of a message of the user's.
final class MessageSource {
    private let body: BodySource
    private let asCRLF: Bool
    private var isAfterReturn = false

    /// Opens a file; `-` is the descriptor `input`.
    /// - Throws: `FrontEndError` that names the file.
    init(_ file: String, input: Int32, asCRLF: Bool = false) throws(FrontEndError) {
        self.asCRLF = asCRLF
        body =
            Program.same(file, "-")
            ? BodySource(descriptor: input)
            : BodySource(try OutgoingFile(path: file, field: "file"))
    }

    /// Calls a method that wants the message as its only upload.
    func call<Method: BrokerMethod>(
        in session: Session,
        _ request: (_ stream: Int) -> (Method.Type, Method.Params)
    ) throws -> Method.Result {
        let stream = try session.newStream()
        let (method, params) = request(stream)
        let upload = Upload(stream: stream) { try self.read($0) }
        return try session.call(method, params, uploads: [upload])
    }

    /// The next octets, at most `max`; none at the end.
    private func read(_ max: Int) throws -> [UInt8] {
        guard asCRLF else { return try body.read(max) }
        var octets: [UInt8] = []
        // Every octet may become two.
        for octet in try body.read(max / 2) {
            if octet == ASCII.lf, !isAfterReturn { octets.append(ASCII.cr) }
            octets.append(octet)
            isAfterReturn = octet == ASCII.cr
        }
        return octets
    }
}
