/* The most that one core multiplies and adds in a second: ten independent chains of 512-bit instructions. cc -O2 -mavx512f -o peak peak.c */
#include <stdio.h>
#include <time.h>

static double now_s(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

#define STEP(name, to) name " %%zmm0, %%zmm1, %%zmm" #to ";"
#define CHAINS(name) \
  STEP(name, 2) STEP(name, 3) STEP(name, 4) STEP(name, 5) STEP(name, 6) STEP(name, 7) STEP(name, 8) STEP(name, 9) STEP(name, 10) STEP(name, 11)
#define MEASURE(name, operations)                                                                                                      \
  {                                                                                                                                    \
    double best = 0;                                                                                                                   \
    for (int round = 0; round < 15; round++) {                                                                                         \
      long left = 2000000;                                                                                                             \
      double began_s = now_s();                                                                                                        \
      __asm__ volatile("vpxorq %%zmm0, %%zmm0, %%zmm0; vpxorq %%zmm1, %%zmm1, %%zmm1; 1:" CHAINS(name) "dec %0; jnz 1b"                \
                       : "+r"(left)::"zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5", "zmm6", "zmm7", "zmm8", "zmm9", "zmm10", "zmm11", "cc"); \
      double rate = 2e6 * 10 * operations / (now_s() - began_s) / 1e9;                                                                 \
      if (rate > best) best = rate;                                                                                                    \
    }                                                                                                                                  \
    printf(name " %.0f billion operations a second\n", best);                                                                         \
  }

int main(void) {
  MEASURE("vfmadd231ps", 32)  /* float32: 16 products and 16 sums */
  MEASURE("vdpbf16ps", 64)    /* bfloat16 */
  MEASURE("vpdpbusd", 128)    /* bytes */
}
