//! The scene: boxes, a floor, and a camera that moves around them.

use crate::{CRATE, FLOOR};
use glam::{Mat4, Vec2, Vec3, Vec4};
use hot_reload::SharedState;

/// State that must survive when the code is replaced.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Scene {
    /// Time in seconds for which the boxes have turned.
    pub time: f32,
    /// Direction of the camera from the middle, around and above, in radians.
    pub camera: (f32, f32),
    /// Distance of the camera from the middle.
    pub distance: f32,
    /// Last position of the mouse in pixels.
    pub mouse: (f32, f32),
    /// True while the boxes stand still.
    pub stands: bool,
    /// Number of pictures so far.
    pub turns: u64,
}

impl Default for Scene {
    fn default() -> Self {
        Scene {
            time: 0.0,
            camera: (0.6, 0.5),
            distance: 9.0,
            mouse: (0.0, 0.0),
            stands: false,
            turns: 0,
        }
    }
}

/// A corner of a triangle on the screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Corner {
    /// Position in pixels.
    pub(crate) at: Vec2,
    /// Reciprocal of the distance. It is linear on the screen, and so is its product with the
    /// texture coordinates.
    pub(crate) inverse: f32,
    pub(crate) texture: Vec2,
}

/// Three corners, and the surface between them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Triangle {
    pub(crate) corners: [Corner; 3],
    pub(crate) texture: usize,
    /// Brightness, from 0 (dark) to 1.
    pub(crate) light: f32,
}

/// Sides of a box: the normal, and the direction of the texture's `x`.
const SIDES: [(Vec3, Vec3); 6] = [
    (Vec3::X, Vec3::Y),
    (Vec3::NEG_X, Vec3::Z),
    (Vec3::Y, Vec3::Z),
    (Vec3::NEG_Y, Vec3::X),
    (Vec3::Z, Vec3::X),
    (Vec3::NEG_Z, Vec3::Y),
];
/// Direction toward the light.
const LIGHT: Vec3 = Vec3::new(0.5, 0.8, 0.3);
/// Number of squares of the floor on each side of the middle.
const SQUARES: i16 = 4;

impl Scene {
    /// Moves the camera around the boxes.
    pub fn turn_camera(&mut self, around: f32, above: f32) {
        self.camera = (self.camera.0 + around, (self.camera.1 + above).clamp(0.1, 1.4));
    }

    /// Returns everything as triangles on a screen, except those that face away.
    pub(crate) fn triangles(&self, width: usize, height: usize) -> Vec<Triangle> {
        #[expect(clippy::cast_precision_loss, reason = "pixels")]
        let size = Vec2::new(width as f32, height as f32);
        let view = Projection::new(self, size);
        let mut triangles = Vec::new();
        for x in -SQUARES..SQUARES {
            for z in -SQUARES..SQUARES {
                let corner = Vec3::new(f32::from(x), -1.0, f32::from(z));
                let square =
                    [Vec3::ZERO, Vec3::X, Vec3::X + Vec3::Z, Vec3::Z].map(|at| corner + at);
                view.square(square, FLOOR, 0.7, &mut triangles);
            }
        }
        for number in 0_u8..3 {
            let phase = f32::from(number) * std::f32::consts::TAU / 3.0;
            let turn = self.time * (0.6 + 0.2 * f32::from(number));
            let place = Vec3::new(2.0 * phase.cos(), 0.3, 2.0 * phase.sin());
            let model = Mat4::from_translation(place)
                * Mat4::from_rotation_y(turn)
                * Mat4::from_rotation_x(turn * 0.7);
            for (normal, x) in SIDES {
                let y = normal.cross(x);
                let square = [-x - y, x - y, x + y, y - x];
                let square = square.map(|at| model.transform_point3(0.8 * (normal + at)));
                let facing = model.transform_vector3(normal).dot(LIGHT.normalize());
                view.square(square, CRATE, 0.35 + 0.65 * facing.max(0.0), &mut triangles);
            }
        }
        triangles
    }
}

/// The projection from the world to the screen.
struct Projection {
    matrix: Mat4,
    size: Vec2,
}

impl Projection {
    fn new(scene: &Scene, size: Vec2) -> Self {
        let (around, above) = scene.camera;
        let direction =
            Vec3::new(around.cos() * above.cos(), above.sin(), around.sin() * above.cos());
        let camera = Mat4::look_at_rh(direction * scene.distance, Vec3::ZERO, Vec3::Y);
        let lens = Mat4::perspective_rh(0.9, size.x / size.y.max(1.0), 0.1, 100.0);
        Projection { matrix: lens * camera, size }
    }

    /// Adds a square as two triangles if its front is visible.
    fn square(&self, square: [Vec3; 4], texture: usize, light: f32, to: &mut Vec<Triangle>) {
        let coordinates = [Vec2::ZERO, Vec2::X, Vec2::ONE, Vec2::Y];
        let projected = square.map(|at| self.matrix * at.extend(1.0));
        // The camera stays outside of all boxes, so nothing behind it can be visible.
        if projected.iter().any(|at| at.w < 0.1) {
            return;
        }
        let mut corners =
            projected.iter().zip(coordinates).map(|(at, texture)| self.corner(*at, texture));
        let corners: [Corner; 4] = std::array::from_fn(|_| corners.next().expect("four of four"));
        let [a, b, c, d] = corners;
        // The floor is only visible from above.
        let front = (b.at - a.at).perp_dot(c.at - a.at) < 0.0 || texture == FLOOR;
        if front {
            let both = [[a, b, c], [a, c, d]];
            to.extend(both.map(|corners| Triangle { corners, texture, light }));
        }
    }

    fn corner(&self, at: Vec4, texture: Vec2) -> Corner {
        let inverse = 1.0 / at.w;
        let on_screen = Vec2::new(1.0 + at.x * inverse, 1.0 - at.y * inverse) * 0.5;
        Corner { at: on_screen * self.size, inverse, texture }
    }
}
