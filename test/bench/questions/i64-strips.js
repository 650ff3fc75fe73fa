// What does a loop of BigInt arithmetic cost that runs for long, in a function called a few times? V8 may enter it in code of
// Maglev, which does not lower BigInts, and stays there until the loop ends. Does it help to return now and then, and go on?
// The loop is that of the kernel "rotate": whether Maglev gets in between depends on a function's size.
// Run on an engine shell: <engine> i64-strips.js; prints the median and the longest of 60 calls, in ms. It may take a minute.
(function () {
  var say = typeof print === "function" ? print : console.log;
  var BODY =
    "c=U(64,W[12]^W[9]);W[9]=U(64,c^U(64,W[11]<<17n));b=U(64,U(64,U(64,(d=U(64,W[11]*5n))<<7n)|U(64,d>>57n))*9n);" +
    "W[8]=U(64,(e=W[8],f=(W[0]=b,H[0]),h=Z[f&31],g=U(64,U(64,e>>32n)*h),e=U(64,U(64,U(64,e&0xffffffffn)*h)+U(64,U(64,g<<32n)|U(64,g>>32n)))," +
    "U(64,e^U(64,U(64,e^U(64,U(64,e<<32n)|U(64,e>>32n)))&Z[64+(f>>5&1)])))+b);b=U(64,W[11]^W[10]);" +
    "W[10]=U(64,U(64,b<<45n)|U(64,b>>19n));W[12]=U(64,W[12]^b);W[11]=U(64,c^W[11]);a=a-1|0;if(!a)break";
  var PRELUDE =
    "var W=new BigUint64Array(16),H=new Int32Array(W.buffer),Z=new BigUint64Array(66),U=BigInt.asUintN;" +
    "for(var i=0;i<64;i++)Z[i]=1n<<BigInt(i);Z[65]=0xffffffffffffffffn;" +
    "function seed(){W[9]=0x94d049bb133111ebn;W[10]=42n;W[8]=0n;W[11]=0xbf58476d1ce4e5b9n;W[12]=0x9e3779b97f4a7c15n}";
  var VARS = "var b,c,d,e,f,g,h;";
  var whole = new Function(
    PRELUDE + "return function(a){" + VARS + "seed();for(;;){" + BODY + "}return U(64,W[8]>>32n^W[8])}",
  )();
  var strips = new Function(
    PRELUDE +
      "function strip(a){" +
      VARS +
      "var left=256;for(;;){" +
      BODY +
      ";if(!(left=left-1))break}return a}" +
      "return function(a){seed();while(a)a=strip(a);return U(64,W[8]>>32n^W[8])}",
  )();

  function measure(name, f) {
    var times = [];
    for (var i = 0; i < 60; i++) {
      var start = Date.now();
      var result = f(10000000);
      times.push(Date.now() - start);
    }
    times.sort(function (a, b) {
      return a - b;
    });
    say(name + ": median " + times[30] + ", longest " + times[59] + " (" + result + ")");
  }
  measure("strips", strips);
  measure("whole", whole);
})();
