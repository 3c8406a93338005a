/* reference_sender: the least a program can do to measure one-way delay, as a yardstick for Sonde.
 *
 *   reference_sender send ADDRESS PORT COUNT RATE fixed|poisson SEED FILE   one line "slip NS" a packet
 *   reference_sender receive ADDRESS PORT COUNT FILE                        one line "there SEQ SEND_NS RECEIVE_NS"
 *
 * Packets carry number (4 octets) and CLOCK_REALTIME in ns (8 octets), both big-endian, and 2 zero octets. The sender
 * sleeps with clock_nanosleep to absolute times; the receiver takes the kernel's stamp and gives up 3 s after the last
 * packet. Both end FILE with "cpu SECONDS": processor time from the first packet to the last. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/net_tstamp.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

static int64_t now_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static int open_at(const char* address, const char* port, int to_send) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  if (s < 0 || inet_pton(AF_INET, address, &a.sin_addr) != 1) fail("socket");
  if (to_send ? connect(s, (struct sockaddr*)&a, sizeof a) : bind(s, (struct sockaddr*)&a, sizeof a)) fail(address);
  return s;
}

static void put(unsigned char* at, uint64_t value, int octets) {
  for (int i = octets - 1; i >= 0; --i, value >>= 8) at[i] = (unsigned char)value;
}

static uint64_t get(const unsigned char* at, int octets) {
  uint64_t value = 0;
  for (int i = 0; i < octets; ++i) value = value << 8 | at[i];
  return value;
}

static int send_all(char** argv) {
  const int s = open_at(argv[2], argv[3], 1), count = atoi(argv[4]), poisson = strcmp(argv[6], "poisson") == 0;
  const double mean_ns = 1e9 / atof(argv[5]);
  int64_t* slip = calloc((size_t)count, sizeof *slip);
  FILE* out = fopen(argv[8], "w");
  if (!slip || !out) fail(argv[8]);
  srand48(atol(argv[7]));
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
  int64_t due = now_ns(CLOCK_MONOTONIC) + 100000000;
  const double begin = cpu_seconds();
  for (int i = 0; i < count; ++i) {
    const struct timespec t = {due / 1000000000, due % 1000000000};
    unsigned char packet[14] = {0};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    slip[i] = now_ns(CLOCK_MONOTONIC) - due;
    put(packet, (uint64_t)i, 4);
    put(packet + 4, (uint64_t)now_ns(CLOCK_REALTIME), 8);
    if (send(s, packet, sizeof packet, 0) < 0) perror("send");
    due += (int64_t)(poisson ? -log(1 - drand48()) * mean_ns : mean_ns);
  }
  const double cpu = cpu_seconds() - begin;
  for (int i = 0; i < count; ++i) fprintf(out, "slip %lld\n", (long long)slip[i]);
  fprintf(out, "cpu %.6f\n", cpu);
  return fclose(out);
}

struct arrival {
  uint64_t number, sent;
  int64_t received;
};

/* The kernel's stamp of the message, or 0. */
static int64_t stamp_of(struct msghdr* m) {
  for (struct cmsghdr* c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
    struct timespec t;
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPING) continue;
    memcpy(&t, CMSG_DATA(c), sizeof t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
  }
  return 0;
}

static int receive_all(char** argv) {
  const int s = open_at(argv[2], argv[3], 0), count = atoi(argv[4]);
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE, room = 4 << 20;
  struct arrival* got = calloc((size_t)count, sizeof *got);
  FILE* out = fopen(argv[5], "w");
  if (!got || !out) fail(argv[5]);
  if (setsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags)) fail("SO_TIMESTAMPING");
  setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  int n = 0;
  const double begin = cpu_seconds();
  struct pollfd ready = {s, POLLIN, 0};
  while (n < count && poll(&ready, 1, n ? 3000 : 30000) > 0) {
    unsigned char packet[2048], control[256];
    struct iovec part = {packet, sizeof packet};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(s, &m, 0) < 12) continue;
    got[n++] = (struct arrival){get(packet, 4), get(packet + 4, 8), stamp_of(&m)};
  }
  const double cpu = cpu_seconds() - begin;
  for (int i = 0; i < n; ++i) {
    fprintf(out, "there %llu %llu %lld\n", (unsigned long long)got[i].number, (unsigned long long)got[i].sent,
            (long long)got[i].received);
  }
  fprintf(out, "cpu %.6f\n", cpu);
  return fclose(out);
}

int main(int argc, char** argv) {
  if (argc == 9 && strcmp(argv[1], "send") == 0) return send_all(argv);
  if (argc == 6 && strcmp(argv[1], "receive") == 0) return receive_all(argv);
  fprintf(stderr, "usage: see the head of reference_sender.c\n");
  return 2;
}
