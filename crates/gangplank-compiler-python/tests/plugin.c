/* The plugin for Python. Protobuf's own code needs a Python with `grpcio-tools`: the caller names it in
 * GANGPLANK_PYTHON, and one without in PYTHON_WITHOUT_TOOLS. */
#include "plugin.h"

static void good_input(void) {
	many();
	succeeds(SERIALIZATION, calc, in("deep/out"));
	char command[2200];
	snprintf(command, sizeof command, "diff -r '%s' '%s' && test \"$(ls -A '%s' | tr '\\n' ' ')\" = 'calc_pb2.py calc_pb2.pyi '",
	         in("many"), in("deep/out"), in("many"));
	shell("one right result of 20", command);
}

/* A guest: compiled twice to the same bytes; nothing is built. */
static void guest(void) {
	for (int twice = 0; twice < 2; twice++)
		succeeds(TO_GUEST, in("guest/calc.proto"), in(twice ? "guest/two" : "guest/one"));
	char command[2200];
	snprintf(command, sizeof command, "diff -r '%s' '%s' && test \"$(ls -A '%s')\" = calcMetaFFIGuest.py",
	         in("guest/one"), in("guest/two"), in("guest/one"));
	shell("the same bytes twice, and nothing else", command);
	snprintf(command, sizeof command, "grep -q '\"Calc.div\": (\"../calc.py\", \"div\")' '%s'", in("guest/one/calcMetaFFIGuest.py"));
	shell("the guest says where div is", command);
}

/* A host: without the extension beside the plugin it could not call anything; with it, the same bytes twice. */
static void host(void) {
	fails(FROM_HOST, calc, in("none"), "cargo build --release --package gangplank-python-host && cp ");
	check(access(in("none"), F_OK) != 0, "nothing is written", "the folder is there");
	FILE *extension = fopen(in("toolkit/_gangplank.abi3.so"), "w");
	check(extension != NULL && fclose(extension) == 0, "the extension", "it cannot be written");
	for (int twice = 0; twice < 2; twice++)
		succeeds(FROM_HOST, calc, in(twice ? "host/two" : "host/one"));
	char command[2200];
	snprintf(command, sizeof command, "diff -r '%s' '%s' && test \"$(ls -A '%s' | tr '\\n' ' ')\" = '_gangplank.abi3.so calcMetaFFIHost.py calcMetaFFIHost.pyi '",
	         in("host/one"), in("host/two"), in("host/one"));
	shell("a host and its outline", command);
}

/* Without the tool only its own function fails, and says what to type. */
static void without_tools(void) {
	char with[1024];
	snprintf(with, sizeof with, "%s", getenv("GANGPLANK_PYTHON"));
	setenv("GANGPLANK_PYTHON", getenv("PYTHON_WITHOUT_TOOLS"), 1);
	fails(SERIALIZATION, calc, in("none"), "-m pip install grpcio-tools");
	check(access(in("none"), F_OK) != 0, "nothing is written", "the folder is there");
	succeeds(TO_GUEST, in("guest/calc.proto"), in("guest/without"));
	setenv("GANGPLANK_PYTHON", with, 1);
}

static void good(void) {
	good_input();
	guest();
	host();
	without_tools();
}

int main(int argc, char **argv) {
	return plugin_main(argc, argv, good);
}
