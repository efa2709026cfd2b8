// Any text on its way to a terminal (reliability.md C15).

import CPlatform
import Harness
import Properties
import TerminalRendering

/// One input of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Harness.run(start, count, checkTerminalText)
}

/// Widths come from the C library, and there from the locale.
private let isLocaleSet = mb_use_utf8() == 0

private func checkTerminalText(_ octets: [UInt8]) throws -> Int {
    let text = String(decoding: octets, as: UTF8.self)
    let clean = TerminalText.clean(text)
    try checkScalars(of: clean, "clean", allowsLineFeed: true)
    try hold(TerminalText.clean(clean) == clean, "cleaning twice changes text")
    // A tab becomes four spaces; no marker is longer for its octets.
    try hold(clean.utf8.count <= 4 * text.utf8.count, "clean text is too long")

    let line = TerminalText.line(text)
    try checkScalars(of: line, "line", allowsLineFeed: false)
    let all = TerminalText.line(text, octetsMax: text.utf8.count)
    try hold(all.utf8.starts(with: line.utf8), "a cut line is not the beginning of the line")

    let width = Int(octets.first ?? 80)
    let cell = CellText(text, width: width)
    try checkScalars(of: cell.text, "cell", allowsLineFeed: false)
    try hold((0...width).contains(cell.width), "a cell is too wide")
    let padded = cell.padded(to: width).utf8.count - cell.text.utf8.count
    try hold(padded == width - cell.width, "a cell is padded wrongly")
    return clean.utf8.count + line.utf8.count + cell.width + (isLocaleSet ? 1 : 0)
}

private func checkScalars(of text: String, _ place: String, allowsLineFeed: Bool) throws {
    for scalar in text.unicodeScalars where isForbidden(scalar) {
        let isAllowed = scalar == "\n" && allowsLineFeed
        try hold(isAllowed, "U+\(String(scalar.value, radix: 16)) in \(place)")
    }
}

/// Whether a scalar acts on a terminal, turns text around or hides (reliability.md C15 to C17):
/// written down a second time on purpose, by category instead of by number where there is one.
private func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    default: break
    }
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: return true
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: return true  // direction
    case 0x180E, 0x200B, 0x2060...0x2064, 0xFEFF: return true  // no width
    case 0xFFF9...0xFFFB, 0xE0000...0xE007F: return true  // annotations, tags
    default: return false
    }
}
