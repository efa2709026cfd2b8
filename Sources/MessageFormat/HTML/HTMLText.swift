// HTML as text to read in a terminal (design.md section 3): words, lines, lists, quotations, tables
// and links. Fetches nothing, keeps no tree: linear in time and memory whatever the input.

import MailModel

/// HTML to text.
package enum HTMLText {
    /// The readable text of an HTML document.
    ///
    /// Lines end in LF and are not wrapped. Links are numbered and listed below, tables of data are
    /// in columns, quotations have `> ` before each line. What the sender hid is left out.
    package static func render(_ html: String) -> String { render(octets: Array(html.utf8)) }

    /// The same for UTF-8 octets.
    static func render(octets: [UInt8]) -> String {
        var renderer = HTMLRenderer(inputCount: octets.count)
        render(octets, &renderer)
        if !renderer.hasElements, octets.contains(ASCII.lf) {
            // QUIRK: plain text that is labelled as HTML keeps its lines.
            renderer = HTMLRenderer(inputCount: octets.count, whiteSpace: .lines)
            render(octets, &renderer)
        }
        return String(decoding: renderer.finish(), as: UTF8.self)
    }

    private static func render(_ octets: [UInt8], _ renderer: inout HTMLRenderer) {
        var tokenizer = HTMLTokenizer(octets)
        while tokenizer.next() {
            switch tokenizer.kind {
            case .text: renderer.text(octets, tokenizer.text)
            case .literal: renderer.literal(octets, tokenizer.text)
            case .start: renderer.start(tokenizer.element, octets, tokenizer.attributes)
            case .end: renderer.end(tokenizer.element)
            }
        }
    }
}
