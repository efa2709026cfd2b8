// One hand-written fixture per params and result type: it must read, and write back as the same
// JSON value. A field that is renamed, lost or turned optional shows here.

import BrokerProtocol
import Foundation
import Testing

@Suite struct MethodFixtureTests {
    /// Reads a fixture as a type and writes it again.
    struct Fixture: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let json: String
        let again: @Sendable ([UInt8]) throws -> [UInt8]

        init<Value: Codable & SendableMetatype>(_ type: Value.Type, _ json: String) {
            testDescription = "\(type)"
            self.json = json
            again = { octets in
                let value = try JSONDecoder().decode(Value.self, from: Data(octets))
                return try Wire.line(value)
            }
        }
    }

    @Test("a fixture reads and writes back as the same value", arguments: fixtures)
    func roundTrip(_ fixture: Fixture) throws {
        let again = try fixture.again(Array(fixture.json.utf8))
        #expect(try value(again) == value(fixture.json))
    }

    private static let summary = #"""
        {"id":12,"mailbox":"INBOX","date":"2026-02-03T04:05:06+01:00",
        "received":"2026-02-03T03:05:07Z","from":[{"name":"J\u00fcrgen","address":"j@example.org"}],
        "to":[{"address":"a@example.org"}],"cc":[],"subject":"caf\u00e9",
        "message_id":"1@example.org",
        "flags":["seen","$forwarded"],"labels":["Work"],"unseen":false,"has_attachment":true,"size":4294967296}
        """#
    private static let part = #"""
        {"part":"1.2","type":"application/pdf","name":"a.pdf","size":9,"disposition":"attachment",
        "attachment":true}
        """#
    private static let account = #"""
        {"name":"work","address":"a@example.org","state":"needs_login","problem":"refused",
        "imap":{"host":"i.example.org","port":993,"connected":true,"tls":"TLSv1.3",
        "mechanism":"PLAIN","logins":2,"connections":1,"connections_max":2,"limited":true},
        "smtp":{"host":"s.example.org","port":465,"connected":false,"logins":0}}
        """#
    private static let outboxItem = #"""
        {"id":17,"account":"a","state":"queued","message_id":"1@e","from":"a@example.org",
        "recipients":[{"address":"b@example.org","state":"deferred","text":"451 later"},
        {"address":"c@example.org","state":"pending"}],"subject":"s",
        "created":"2026-11-26T16:00:00Z","send_at":"2026-12-01T08:00:00Z",
        "next_try":"2026-11-26T16:01:00Z","attempts":1,"text":"451 later","size":9,
        "attention":false}
        """#
    private static let error = #"""
        {"code":-32000,"message":"m",
        "data":{"code":"server.refused","temporary":true,"server":"NO"}}
        """#

    static let fixtures: [Fixture] = [
        Fixture(Hello.Params.self, #"{"client":"mb","version":1}"#),
        Fixture(
            Hello.Result.self,
            #"{"version":1,"server":"s","capabilities":["octets"],"limits":{"list":5000}}"#
        ),
        Fixture(Status.Params.self, "{}"),
        Fixture(
            Status.Result.self,
            #"""
            {"pid":7,"started":"2026-02-03T03:05:07Z","socket":"/s","clients":1,
            "accounts":[\#(account)]}
            """#
        ),
        Fixture(AccountLogin.Params.self, #"{"address":"a@example.org","secret_stream":1}"#),
        Fixture(AccountLogin.Params.self, #"{"address":"a@example.org"}"#),
        Fixture(AccountStatus.self, account),
        Fixture(AccountLogout.Params.self, #"{"account":"work"}"#),
        Fixture(MailboxList.Params.self, #"{"account":"work","fresh":true}"#),
        Fixture(
            MailboxList.Result.self,
            #"""
            {"account":"a","offline_since":"2026-02-03T03:05:07Z","mailboxes":[{"name":"INBOX","role":"inbox","total":3,"unseen":1,
            "selectable":true},{"name":"x","selectable":false}],"quota":{"used":5,"limit":9}}
            """#
        ),
        Fixture(
            MessageList.Params.self,
            #"{"account":"work","mailbox":"inbox","limit":50,"after":12,"fresh":true}"#
        ),
        Fixture(
            MessageList.Result.self,
            #"""
            {"account":"a","mailbox":"INBOX","role":"inbox","total":1,"unseen":0,"live":true,
            "as_of":"2026-02-03T03:05:07Z","offline_since":"2026-02-03T03:06:07Z",
            "messages":[\#(summary)]}
            """#
        ),
        Fixture(
            MessageSearch.Params.self,
            #"{"account":"work","mailbox":"inbox","words":["from:alice","lunch"],"limit":50}"#
        ),
        Fixture(MessageSearch.Result.self, #"{"account":"a","messages":[\#(summary)]}"#),
        Fixture(MessageMove.Params.self, #"{"ids":[12,15],"target":"Archive"}"#),
        Fixture(MessageRead.Params.self, #"{"id":12,"max_bytes":1000}"#),
        Fixture(
            MessageRead.Result.self,
            #"""
            {"account":"a","summary":\#(summary),"bcc":[{"address":"b@example.org"}],
            "reply_to":[],"notes":{"protected":[{"name":"Subject","value":"s"}],
            "protection":{"system":"pgp","signed":true,"encrypted":false},
            "bounce":{"original_message_id":"1@x","recipients":[{"address":"a@b","delayed":false,
            "status":"5.1.1","diagnostic":"550 no"}]},
            "event":{"method":"REQUEST","summary":"s","start":"20260203T090000Z","end":"e",
            "location":"l","organizer":{"address":"o@x"}}},
            "body":{"type":"text/plain","part":"1","text":"a\nb\u0000",
            "truncated":true},"parts":[\#(part)]}
            """#
        ),
        Fixture(MessageParts.Params.self, #"{"id":12}"#),
        Fixture(MessageParts.Result.self, #"{"id":12,"parts":[\#(part)]}"#),
        Fixture(MessageRaw.Params.self, #"{"id":12,"stream":1,"encoding":"base64"}"#),
        Fixture(PartFetch.Params.self, #"{"id":12,"part":"1.2","stream":1,"encoding":"raw"}"#),
        Fixture(OctetsSummary.self, #"{"size":9,"sha256":"e3b0"}"#),
        Fixture(OctetsSummary.self, #"{"size":9,"sha256":"e3b0","missing":4}"#),
        Fixture(MessageParse.Params.self, #"{"stream":3}"#),
        Fixture(
            ParsedMessage.self,
            #"""
            {"subject":"s","from":[{"name":null,"addr":"a@b"}],"to":[{"name":"N","addr":"c@d"}],
            "cc":[],"reply_to":[],"date":"2026-02-03T03:05:06Z","message_id":null,
            "in_reply_to":["1@x"],"references":["1@x"],
            "parts":[{"section":"1","type":"text/plain","charset":"utf-8","filename":null,
            "disposition":null,"content_id":null,"size":2,"sha256":"ab","text_sha256":"cd",
            "text_trim_sha256":"ef","text_chars":2,"text_how":"declared"},
            {"section":"2","type":"text/plain","charset":"x","filename":null,"disposition":null,
            "content_id":null,"size":2,"sha256":"ab","text_sha256":null,"text_trim_sha256":null,
            "text_chars":null,"text_how":"unknown-charset"},
            {"section":"3","type":"image/png","charset":null,"filename":"a.png",
            "disposition":"inline","content_id":"i@x","size":9,"sha256":"ff"}],
            "embedded":[{"section":"4","type":"message/rfc822","subject":null,"from":[],
            "date":null,"message_id":"2@x"}],"truncated":false}
            """#
        ),
        Fixture(MessageRender.Params.self, #"{"stream":3,"max_bytes":80}"#),
        Fixture(
            MessageRender.Result.self,
            #"""
            {"from":[{"address":"a@b"}],"to":[],"cc":[],"bcc":[],"reply_to":[],
            "date":"2026-02-03T04:05:06+01:00","subject":"s","message_id":"1@x",
            "notes":{"protected":[]},
            "body":{"type":"text/plain","part":"1","text":"hi\n","truncated":false},"parts":[]}
            """#
        ),
        Fixture(MessageFlag.Params.self, #"{"ids":[1,2],"add":["flagged"],"remove":["$junk"]}"#),
        Fixture(MessageLabel.Params.self, #"{"ids":[1],"add":["Work"],"remove":["important"]}"#),
        Fixture(MessageTrash.Params.self, #"{"ids":[1]}"#),
        Fixture(MessagePurge.Params.self, #"{"ids":[1]}"#),
        Fixture(
            ChangeResult.self,
            #"""
            {"items":[{"id":1,"outcome":"trashed","mailbox":"Trash"},{"id":2,
            "outcome":"failed","error":\#(error)},{"id":3,"outcome":"flagged"},{"id":4,
            "outcome":"purged"},{"id":5,"outcome":"labelled","waiting":true}]}
            """#
        ),
        Fixture(
            MessageSend.Params.self,
            #"""
            {"account":"a","from":"A <a@example.org>","to":["b@example.org"],
            "cc":["c@example.org"],"bcc":["d@example.org"],"subject":"","body_stream":1,
            "attachments":[{"stream":2,"name":"a/b","type":"text/plain"},{"stream":3,
            "name":"x"}]}
            """#
        ),
        Fixture(MessageSend.Params.self, #"{"to":[],"subject":"s","body_stream":1}"#),
        Fixture(
            MessageSend.Params.self,
            #"""
            {"to":["b@example.org"],"subject":"s","body_stream":1,"key":"k","hold":10,
            "send_at":"2026-12-01T08:00:00Z","partial":true,"wait":true}
            """#
        ),
        Fixture(
            MessageSend.Result.self,
            #"{"item":\#(outboxItem),"repeated":true,"online":false}"#
        ),
        Fixture(
            MessageSubmit.Params.self,
            #"""
            {"account":"a","sender":"a@example.org","full_name":"A","recipients":["b@example.org"],
            "from_header":true,"stream":1,"key":"k","hold":10,"wait":true}
            """#
        ),
        Fixture(OutboxList.Params.self, #"{"account":"a","all":true}"#),
        Fixture(OutboxList.Result.self, #"{"items":[\#(outboxItem)]}"#),
        Fixture(OutboxShow.Params.self, #"{"id":17}"#),
        Fixture(
            OutboxShow.Result.self,
            #"""
            {"item":\#(outboxItem),"history":[{"time":"2026-11-26T16:00:00Z","what":"deferred",
            "detail":"451 later"},{"time":"2026-11-26T16:00:00Z","what":"attempt"}]}
            """#
        ),
        Fixture(OutboxChangeRequest.Params.self, #"{"ids":[17],"action":"cancel"}"#),
        Fixture(
            OutboxChangeRequest.Result.self,
            #"{"items":[{"id":17,"item":\#(outboxItem)},{"id":18,"error":\#(error)}]}"#
        ),
        Fixture(EventsSubscribe.Params.self, #"{"after":41}"#),
        Fixture(EventsSubscribe.Result.self, #"{"seq":42,"resync":true}"#),
        Fixture(
            Event.self,
            #"""
            {"seq":1,"event":"message.new","account":"a","mailbox":"INBOX","role":"inbox",
            "message":\#(summary)}
            """#
        ),
        Fixture(Event.self, #"{"seq":2,"event":"message.gone","ids":[1,2]}"#),
        Fixture(Event.self, #"{"seq":3,"event":"account.state","state":"logged_out","text":"t"}"#),
        Fixture(Event.self, #"{"seq":4,"event":"resync"}"#),
        Fixture(BrokerStop.Params.self, "{}"),
        Fixture(RequestCancel.self, #"{"id":5}"#),
        Fixture(RequestCancel.self, #"{"id":"five"}"#),
        Fixture(OctetsNotice.self, #"{"stream":1,"length":2,"secret":true}"#),
        Fixture(OctetsNotice.self, #"{"stream":1,"length":2,"base64":"aGk="}"#),
        Fixture(BrokerError.self, error),
    ]

    @Test("a request that lacks a needed field or has one of another kind is refused")
    func wrongParams() {
        let wrong: [(String, @Sendable ([UInt8]) throws -> Void)] = [
            (#"{"id":"12"}"#, { _ = try Wire.params(MessageRead.Params.self, of: $0) }),
            (#"{}"#, { _ = try Wire.params(MessageRead.Params.self, of: $0) }),
            (#"{"ids":[1,null]}"#, { _ = try Wire.params(MessageTrash.Params.self, of: $0) }),
            (#"{"ids":1}"#, { _ = try Wire.params(MessageTrash.Params.self, of: $0) }),
            (
                #"{"ids":[1],"add":["a b"]}"#,
                { _ = try Wire.params(MessageFlag.Params.self, of: $0) }
            ),
            (#"{"limit":5}"#, { _ = try Wire.params(MessageList.Params.self, of: $0) }),
        ]
        for (params, read) in wrong {
            let line = #"{"jsonrpc":"2.0","id":1,"method":"m","params":\#(params)}"#
            #expect(throws: DecodingError.self, "\(params)") { try read(Array(line.utf8)) }
        }
    }
}
