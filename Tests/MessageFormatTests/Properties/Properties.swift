// What must hold of the readers for any octets whatever. The fuzz targets of contrib/fuzz try it on
// made-up input, and FuzzFixtureTests on what they once found. Only what other modules can call is
// used, as the fuzz package sees no more.

/// The properties: each takes any octets, throws `Broken` where it does not hold, and gives a
/// number made of the results, so that no optimizer leaves the work out.
package enum Properties {
    /// The properties by the names of their fuzz targets.
    package static let byTarget: [(name: String, check: @Sendable ([UInt8]) throws -> Int)] = [
        ("header-fields", headerFields),
        ("addresses", addresses),
        ("dates", dates),
        ("encoded-words-parameters", encodedWordsAndParameters),
        ("transfer-decoding", transferDecoding),
        ("mime-tree", mimeTree),
        ("html-text", htmlText),
        ("file-names", fileNames),
    ]
}

/// A property that does not hold.
package struct Broken: Error, CustomStringConvertible {
    /// What should have held.
    package let description: String
}

/// Throws unless a condition holds.
package func hold(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
    guard !condition else { return }
    throw Broken(description: sentence())
}

/// Throws where a text holds a line end.
func holdOneLine(_ text: String, _ what: String) throws {
    try hold(!text.utf8.contains { $0 == 0x0A || $0 == 0x0D }, "a line end in \(what)")
}

/// The text of octets that are UTF-8; nil for others.
func utf8Text(_ octets: some Collection<UInt8>) -> String? {
    String(validating: octets, as: UTF8.self)
}
