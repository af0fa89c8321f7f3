//! The machine's program. Edit it while the machine runs; with another `NAME` it restarts.

/// Number of the cartridge.
pub(crate) const NAME: u32 = 1;
/// Index of the register that counts the score.
pub(crate) const SCORE: usize = 5;

/// Instructions of two bytes each, from address 0x200 on. The comments give the address and the
/// effect.
#[rustfmt::skip]
pub(crate) const ROM: [u16; 63] = [
    0x00e0, // 200       clear
    0x6020, // 202       v0 = 32          the ball: x,
    0x6105, // 204       v1 = 5           y,
    0x6201, // 206       v2 = 1           and its direction
    0x6301, // 208       v3 = 1
    0x641c, // 20a       v4 = 28          the paddle: x,
    0x671e, // 20c       v7 = 30          and y
    0x6500, // 20e       v5 = 0           the score
    0xa27a, // 210       i = ball
    0xd011, // 212       draw v0 v1 1
    0xa27c, // 214       i = paddle
    0xd471, // 216       draw v4 v7 1
    0x6803, // 218 loop: v8 = 3           a twentieth of a second
    0xf815, // 21a       delay = v8
    0xf807, // 21c wait: v8 = delay
    0x3800, // 21e       skip if v8 = 0
    0x121c, // 220       goto wait
    0xa27c, // 222       i = paddle
    0xd471, // 224       draw v4 v7 1     drawing it again erases it
    0x6904, // 226       v9 = 4
    0xe99e, // 228       skip if key v9
    0x1230, // 22a       goto right
    0x3400, // 22c       skip if v4 = 0
    0x74fe, // 22e       v4 -= 2
    0x6906, // 230 right: v9 = 6
    0xe99e, // 232       skip if key v9
    0x123a, // 234       goto fly
    0x3438, // 236       skip if v4 = 56
    0x7402, // 238       v4 += 2
    0xd471, // 23a fly:  draw v4 v7 1
    0xa27a, // 23c       i = ball
    0xd011, // 23e       draw v0 v1 1
    0x8024, // 240       v0 += v2
    0x8134, // 242       v1 += v3
    0x4000, // 244       skip if v0 != 0
    0x6201, // 246       v2 = 1
    0x403f, // 248       skip if v0 != 63
    0x62ff, // 24a       v2 = -1
    0x4100, // 24c       skip if v1 != 0
    0x6301, // 24e       v3 = 1
    0x411d, // 250       skip if v1 != 29
    0x225a, // 252       call bounce
    0xa27a, // 254       i = ball
    0xd011, // 256       draw v0 v1 1
    0x1218, // 258       goto loop
    0x8a00, // 25a bounce: va = v0
    0x8a45, // 25c       va -= v4         vf = 1: not left of the paddle
    0x3f01, // 25e       skip if vf = 1
    0x126e, // 260       goto miss
    0x6b08, // 262       vb = 8
    0x8ab5, // 264       va -= vb         vf = 0: not right of it
    0x3f00, // 266       skip if vf = 0
    0x126e, // 268       goto miss
    0x7501, // 26a       v5 += 1
    0x1274, // 26c       goto up
    0x6500, // 26e miss: v5 = 0
    0x6b06, // 270       vb = 6
    0xfb18, // 272       sound = vb
    0x63ff, // 274 up:   v3 = -1
    0x00ee, // 276       return
    0x0000, // 278
    0x8000, // 27a       ball
    0xff00, // 27c       paddle
];
