/* A library under development. Edit it while the program runs. */

int foo(void) {
    return 4;
}
