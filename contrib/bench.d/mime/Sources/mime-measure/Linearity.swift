// Twice the input must take at most 2.3 times the time, for every shape a sender can make large.

import Glibc
import MailModel
import MessageFormat

/// Time against size.
enum Linearity {
    /// Most times longer that twice the input may take.
    private static let ratioMax = 2.3

    /// A shape of message that grows with a number.
    private struct Shape: Sendable {
        let name: String
        let size: Int
        let make: @Sendable (Int) -> [UInt8]
        let read: @Sendable ([UInt8]) -> Int
    }

    private static let shapes: [Shape] = [
        Shape(name: "deep nesting", size: 40_000, make: nested, read: readTree),
        Shape(name: "messages in messages", size: 40_000, make: messages, read: readTree),
        Shape(name: "many parts", size: 200_000, make: parts, read: readTree),
        Shape(name: "many header fields", size: 400_000, make: fields, read: readTree),
        // Small enough that the allocator does not change its ways between the two sizes.
        Shape(name: "a long header", size: 250_000, make: longField, read: readSubject),
        Shape(name: "many addresses", size: 8_000, make: addresses, read: readAddresses),
        Shape(name: "many encoded words", size: 20_000, make: words, read: readSubject),
        Shape(name: "unclosed comments", size: 400_000, make: comments, read: readAddresses),
        Shape(name: "lines like delimiters", size: 200_000, make: delimiters, read: readTree),
        Shape(name: "deep HTML", size: 100_000, make: html, read: readHTML),
    ]

    static func run() -> Bool {
        var isLinear = true
        for shape in shapes {
            let ratio = time(shape, 2 * shape.size) / time(shape, shape.size)
            let isRight = ratio <= ratioMax
            isLinear = isLinear && isRight
            let text = "\(Int(ratio * 100 + 0.5))"
            print("\(isRight ? "ok  " : "SLOW") t(2n)/t(n) = \(text)/100  \(shape.name)")
        }
        return isLinear
    }

    /// The best of several runs, in seconds of processor time: a busy machine must not count.
    private static func time(_ shape: Shape, _ size: Int) -> Double {
        let octets = shape.make(size)
        var best = Double.infinity
        for _ in 0..<15 {
            let start = processorSeconds()
            sink += shape.read(octets)
            best = min(best, processorSeconds() - start)
        }
        return best
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    nonisolated(unsafe) private static var sink = 0  // SAFETY: this program has one thread.

    private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
        Array(repeatElement(Array(text.utf8), count: count).joined())
    }

    private static func nested(_ count: Int) -> [UInt8] {
        repeated("Content-Type: multipart/mixed; boundary=a\n\n--a\n", count)
    }

    private static func messages(_ count: Int) -> [UInt8] {
        repeated("Content-Type: message/rfc822\n\n", count)
    }

    private static func parts(_ count: Int) -> [UInt8] {
        Array("Content-Type: multipart/mixed; boundary=a\n\n".utf8) + repeated("--a\n\n\n", count)
    }

    private static func fields(_ count: Int) -> [UInt8] { repeated("A: b\n", count) }

    private static func longField(_ count: Int) -> [UInt8] {
        Array("Subject: ".utf8) + repeated("word\n ", count / 6)
    }

    private static func addresses(_ count: Int) -> [UInt8] {
        Array("To: ".utf8) + repeated("\"A B\" <a@b.example>,\n ", count / 2)
    }

    private static func words(_ count: Int) -> [UInt8] {
        Array("Subject: ".utf8) + repeated("=?utf-8?q?=C3=A4?=\n ", count / 2)
    }

    private static func comments(_ count: Int) -> [UInt8] {
        Array("To: ".utf8) + repeated("(", count)
    }

    private static func delimiters(_ count: Int) -> [UInt8] {
        repeated("Content-Type: multipart/mixed; boundary=aaaaaaaaaaaaaaaa\n\n", 1)
            + repeated("--aaaaaaaaaaaaaaa\n", count)
    }

    private static func html(_ count: Int) -> [UInt8] { repeated("<div><table><tr><td>", count) }

    private static func readTree(_ octets: [UInt8]) -> Int {
        let tree = MessageTree(parsing: octets)
        return tree.leaves.reduce(0) { $0 + tree.content(of: $1).count }
    }

    private static func readSubject(_ octets: [UInt8]) -> Int {
        HeaderText.decode(octets.dropFirst(8)).utf8.count
    }

    private static func readAddresses(_ octets: [UInt8]) -> Int {
        AddressList.parse(octets.dropFirst(4)).count
    }

    private static func readHTML(_ octets: [UInt8]) -> Int {
        HTMLText.render(String(decoding: octets, as: UTF8.self)).utf8.count
    }
}
