/* Who calls, and what it may call. */
#include "dvk_standin.h"

#define BIT(request) (1ULL << _IOC_NR(request))

/* Calls by their numbers, as /proc/dvs/DCn/dvkcalls shows them. A user process can only make requests. */
#define ALL_CALLS ((1ULL << 48) - 1)
#define USER_CALLS (BIT(DVK_IOCSSENDREC) | BIT(DVK_IOCSUNBIND) | BIT(DVK_IOCQGETEP) | BIT(DVK_IOCSWAIT4BIND))

uint64_t calls_of(driver_t *d, int dcid, const slot_t *s) { return is_system(d, dcid, s) ? ALL_CALLS : USER_CALLS; }

uint64_t calls_of_proxy(int role)
{
    return (role ? BIT(DVK_IOCSPUT2LCL) : BIT(DVK_IOCGGET2RMT)) | BIT(DVK_IOCSPROXYBIND) | BIT(DVK_IOCTPROXYUNBIND);
}

/* The module leaves the caller's descriptor locked after some refusals. Here that is so only when asked for. */
void mark_stuck(call_t *c, slot_t *s) { s->stuck = c->in->strict; }

/* The process that the calling thread is, or stands for. */
int find_caller(call_t *c, slot_t **me, int *dcid)
{
    *me = slot_of_thread(c->d, c->tid, c->pid, dcid);
    if (!*me) return EDVSNOTBIND;
    if ((*me)->stuck) never_return(c->d);
    return 0;
}

int may_call(driver_t *d, int dcid, const slot_t *s, unsigned long request) { return (calls_of(d, dcid, s) & BIT(request)) != 0; }

/* The same, where it may make this call. */
int check_caller(call_t *c, unsigned long request, slot_t **me, int *dcid)
{
    int failed = find_caller(c, me, dcid);
    if (failed) return failed;
    return may_call(c->d, *dcid, *me, request) ? 0 : EDVSBADCALL;
}

/* The pair whose sender or receiver the calling thread is. */
int check_pair(call_t *c, int role, pair_t **pair, int *px)
{
    int found, dcid;
    *pair = pair_of_thread(c->d, c->tid, &found, px);
    if (*pair) return found == role || (*pair)->tid[role] == c->tid ? 0 : EDVSBADCALL;
    for (int i = 0; i < MAX_PAIRS; i++)
        if (c->d->pair[i].left[role] == c->tid) return EDVSSHUTDOWN;
    return slot_of_thread(c->d, c->tid, c->pid, &dcid) ? EDVSNOPROXY : EDVSNOTBIND;
}
