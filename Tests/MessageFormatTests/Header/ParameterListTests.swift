// Facts about MIME parameters.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct ParameterListTests {
    private func value(_ text: String, _ name: String = "filename") -> String? {
        ContentDispositionField.parse(Array(text.utf8)).parameters.value(name)
    }

    @Test(
        "a file name is read in every form",
        arguments: [
            ("attachment; filename=a.txt", "a.txt"),
            ("attachment; filename=a b (1).txt", "a b (1).txt"),
            ("attachment; filename=\"a \\\"b\\\" \\\\ c.txt\"", "a \"b\" \\ c.txt"),
            ("attachment; filename=\"C:\\dir\\a.txt\"", "C:\\dir\\a.txt"),
            ("attachment; filename*=utf-8''%C3%A4.txt", "ä.txt"),
            ("attachment; filename*=iso-8859-1'de'%E4.txt", "ä.txt"),
            ("attachment; filename=x; filename*=utf-8''%C3%A4", "ä"),
            ("attachment; filename*1*=%A4b; filename*0*=utf-8''a%C3; filename*2=\"%41\"", "aäb%41"),
            ("attachment; filename*0=a; filename*2=c", "a"),
            ("attachment; filename*1=a; filename*2=b", "ab"),
            ("attachment; filename=\"=?utf-8?B?w6QudHh0?=\"", "ä.txt"),
            ("attachment; filename==?utf-8?Q?=C3=A4=2Etxt?=", "ä.txt"),
            ("attachment; filename*0=\"=?utf-8?B?w6Q\"; filename*1=\"udHh0?=\"", "ä.txt"),
            ("attachment; filename*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D", "=?utf-8?Q?x?="),
            ("attachment; filename*=utf-8''%2541", "%41"),
            ("attachment; filename=\"a%41\"", "a%41"),
            ("attachment; filename*=utf-8''a%0D%0Ab", "a  b"),
            ("attachment; filename=\"unterminated.txt", "unterminated.txt"),
            ("attachment; filename=one; filename=two", "one"),
            ("filename=only.txt", "only.txt"),
        ]
    )
    func fileNames(text: String, name: String) {
        #expect(value(text) == name)
    }

    @Test("raw 8-bit names are UTF-8 or windows-1252")
    func raw() {
        let octets = Array("attachment; filename=\"".utf8) + [0xE4] + Array(".txt\"".utf8)
        #expect(ContentDispositionField.parse(octets).parameters.value("filename") == "ä.txt")
    }

    @Test("pairs of a BODYSTRUCTURE decode like those of a field, the disposition first")
    func pairs() {
        let disposition = [
            BodyPart.Parameter(name: "FILENAME*0*", value: Array("UTF-8''%E2%82".utf8)),
            BodyPart.Parameter(name: "filename*1*", value: Array("%AC.txt".utf8)),
        ]
        let type = [BodyPart.Parameter(name: "name", value: Array("=?utf-8?q?b=5Fc?=".utf8))]
        #expect(ParameterList.fileName(disposition: disposition, contentType: type) == "€.txt")
        #expect(ParameterList.fileName(disposition: [], contentType: type) == "b_c")
        #expect(ParameterList(type).value("charset") == nil)
    }

    @Test("128 parameters are read and segment numbers beyond 999 are none")
    func limits() {
        let many = "a" + (0..<500).map { "; p\($0)=x" }.joined()
        #expect(ContentDispositionField.parse(Array(many.utf8)).parameters.pairs.count == 128)
        #expect(value("a; filename*0=x; filename*99999999999999999999=y") == "x")
    }
}
