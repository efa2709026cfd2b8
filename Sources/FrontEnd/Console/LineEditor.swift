// Where the console gets its lines: a terminal with editing, or a pipe.

import Glibc
import MailModel

/// Something a person or script said.
package enum LineInput: Sendable, Equatable {
    /// A line without its line end.
    case line([UInt8])
    /// There will be no more.
    case end
}

/// A source of lines on standard input, and the screen they are edited on.
package protocol LineEditor: AnyObject {
    /// Whether a person sees prompts.
    var isInteractive: Bool { get }
    /// Shows a prompt and begins a line.
    func begin(prompt: String)
    /// Reads what has arrived.
    func feed() throws -> [LineInput]
    /// Ends the line being edited and gives the terminal back.
    func end()
    /// Ends for good: the history is kept.
    func close()
    /// Takes the line being edited off the screen.
    func hide()
    /// Draws it again.
    func show(prompt: String)
    /// Throws away what was typed.
    func discard()
    /// After the terminal changed its size.
    func resize()
    /// Stops the process for Ctrl-Z and comes back after it.
    func suspend()
    /// Adds a line to the history.
    func remember(_ line: [UInt8])
    /// Sets the words that complete the first word, or those after a command.
    func complete(_ words: [String], after command: String?)
}

/// Lines of a pipe or file: no prompt, no history.
package final class PipedLines: LineEditor {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    /// Lines of a descriptor.
    package init(descriptor: Int32 = STDIN_FILENO) { self.descriptor = descriptor }

    /// Nobody is there to see a prompt.
    package let isInteractive = false

    /// The lines that are complete; what is left at the end is one too.
    package func feed() throws -> [LineInput] {
        let octets = try FileReading.read(
            descriptor,
            atMost: FrontEndLimits.fileReadSize,
            "standard input"
        )
        pending += octets
        var lines: [LineInput] = []
        while let end = pending.firstIndex(of: ASCII.lf) {
            let line = pending[..<end]
            lines.append(.line(Array(line.last == ASCII.cr ? line.dropLast() : line)))
            pending.removeFirst(end + 1)
        }
        guard pending.count <= FrontEndLimits.consoleLineMax else {
            throw FrontEndError.badData(
                "a line is longer than \(FrontEndLimits.consoleLineMax) octets"
            )
        }
        if octets.isEmpty {
            if !pending.isEmpty { lines.append(.line(pending)) }
            lines.append(.end)
        }
        return lines
    }

    /// Nothing is shown.
    package func begin(prompt: String) {}
    /// Nothing is edited.
    package func end() {}
    /// There is no history.
    package func close() {}
    /// Nothing is shown.
    package func hide() {}
    /// Nothing is shown.
    package func show(prompt: String) {}
    /// Nothing is edited.
    package func discard() {}
    /// There is no terminal.
    package func resize() {}
    /// There is no terminal.
    package func suspend() {}
    /// There is no history.
    package func remember(_ line: [UInt8]) {}
    /// Nothing is completed.
    package func complete(_ words: [String], after command: String?) {}
}
