// How long does straight-line BigInt arithmetic take until V8 has optimized it, and does a loop around it help whose first
// rounds are empty? V8 counts bytes of bytecode that are jumped back over, whether or not they ran.
// Run on an engine shell: <engine> i64-warm-up.js; prints milliseconds for calls of 400 operations, in sum.
(function () {
  var say = typeof print === "function" ? print : console.log;
  var body = "";
  for (var i = 0; i < 200; i++) {
    body += "W[" + (i % 8) + "]=U(64,U(64,W[" + (i % 8) + "]*0x5851f42d4c957f2dn)^W[" + ((i + 3) % 8) + "]);";
  }
  function make(text) {
    return new Function(
      "var W=new BigUint64Array(8).fill(7n),U=BigInt.asUintN;return function(){" + text + "return W[0]}",
    )();
  }
  function measure(name, f) {
    var line = "";
    var start = Date.now();
    for (var call = 1; call <= 20000; call++) {
      var result = f();
      if (call === 100 || call === 1000 || call === 5000 || call === 20000)
        line += " " + call + ": " + (Date.now() - start);
    }
    say(name + line + " (" + result + ")");
  }
  measure("plain    ", make(body));
  [4, 16, 64].forEach(function (rounds) {
    measure("rounds " + rounds, make("for(var z=" + rounds + ";;)if(!--z){" + body + "return W[0]}"));
  });
})();
