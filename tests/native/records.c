/* dc_usr_t and proc_usr_t end in the CPU mask of the kernel, which need not be as long as the one in the headers that programs are compiled with. */
#include <string.h>
#include "dvk_standin.h"

/* Writes a record as the kernel does: with a mask of its own length, in which every CPU is set. */
int give_record(call_t *c, void *to, const void *record, size_t mask_at, size_t alignment, const char *what)
{
    char bytes[sizeof(proc_usr_t) + MAX_CPU_MASK];
    memcpy(bytes, record, mask_at);
    memset(bytes + mask_at, 0xff, c->in->cpu_mask);
    return give(to, bytes, mask_at + c->in->cpu_mask, alignment, what);
}

/* Reads what dc_init is given, with a mask of the kernel's length. */
int take_dc(call_t *c, const void *from, dc_usr_t *dc)
{
    char bytes[sizeof(dc_usr_t) + MAX_CPU_MASK];
    int failed = take(from, bytes, offsetof(dc_usr_t, dc_cpumask) + c->in->cpu_mask, _Alignof(dc_usr_t), "dc_usr_t of dc_init");
    if (failed) return failed;
    memset(dc, 0, sizeof(*dc));
    memcpy(dc, bytes, offsetof(dc_usr_t, dc_cpumask));
    return 0;
}
