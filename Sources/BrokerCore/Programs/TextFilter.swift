// HTML through a program of the user's choice (`html_filter`), such as `w3m -T text/html -dump`.
// What it prints is text from outside like any other.

import CPlatform
import Glibc
import MailModel
import MessageFormat

/// Runs text filters.
enum TextFilter {
    /// What a program makes of HTML in UTF-8; nil where it fails, takes too long or prints too
    /// much.
    ///
    /// A line that names the charset is put in front, because the program cannot know that the
    /// text has been decoded already.
    static func run(_ command: [String], _ html: [UInt8]) async -> String? {
        let input = Array("<meta charset=\"utf-8\">\n".utf8) + html
        return await ChildProgram.waiting { read(command, input) }
    }

    private static func read(_ command: [String], _ input: [UInt8]) -> String? {
        let file = input.withUnsafeBytes { mb_memory_file($0.baseAddress, $0.count) }
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard let child = ChildProgram(command, input: file, wait: CoreLimits.textFilterWait) else {
            return nil
        }
        let text = readAll(child)
        guard child.end(isDone: text != nil), let text else { return nil }
        return MessageText.withLineFeeds(String(decoding: text, as: UTF8.self))
    }

    private static func readAll(_ child: ChildProgram) -> [UInt8]? {
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: CoreLimits.textFilterBlock)
        while child.waitForOutput() {
            let count = Glibc.read(child.output, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? text : nil }
            text += block[..<count]
            guard text.count <= CoreLimits.textFilterOutputMax else { return nil }
        }
        return nil
    }
}
