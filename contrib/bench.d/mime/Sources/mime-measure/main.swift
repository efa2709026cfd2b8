// mime-measure - time and memory of reading messages. Called by contrib/bench and contrib/dev/stress;
// prints what they print.
//
//   mime-measure parse < LIST          the part trees of the files listed, and the fields a list shows
//   mime-measure decode < LIST         the same, and the content of every part
//   mime-measure base64 FILE           the decoder alone
//   mime-measure stress < LIST         each file whole, cut and damaged: no trap, bounded memory
//   mime-measure linear                twice the input, at most 2.3 times the time

import Glibc

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "parse": Reading.run(isDecoding: false)
case "decode": Reading.run(isDecoding: true)
case "base64" where arguments.count == 2: Base64Speed.run(arguments.last ?? "")
case "stress": exit(Stress.run() ? 0 : 1)
case "linear": exit(Linearity.run() ? 0 : 1)
default:
    print("usage: mime-measure parse|decode|stress < LIST, base64 FILE, linear")
    exit(64)
}
