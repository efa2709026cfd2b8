// Facts about sizes as people read them.

import Testing

@testable import FrontEnd

@Suite struct SizeTextTests {
    @Test(
        "sizes take at most five characters",
        arguments: [
            (Int64(0), "0B"), (512, "512B"), (999, "999B"), (1000, "0.9K"), (1024, "1.0K"),
            (6246, "6.0K"), (6247, "6.1K"), (10_240, "10K"), (49_152, "48K"), (1_023_999, "999K"),
            (1_024_000, "0.9M"), (1_258_291, "1.1M"), (1_258_292, "1.2M"), (5_242_880, "5.0M"),
            (62_914_560, "60M"), (1_610_612_736, "1.5G"), (-5, "0B"),
        ]
    )
    func short(octets: Int64, expected: String) {
        #expect(SizeText.short(octets) == expected)
    }

    @Test("the largest number there is does not overflow")
    func largest() {
        #expect(SizeText.short(.max) == "8388607T")
    }
}
